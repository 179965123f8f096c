-- Replaces or removes a contest unless another process changed it since it was read.
--
-- KEYS[1] contests  votewire:contests
-- ARGV[1] id        the contest's
-- ARGV[2] old       its JSON, as it was read
-- ARGV[3] new       its new JSON; empty: the contest is removed
--
-- Returns 1, or 0 if the contest is no longer the one that was read.

if redis.call('HGET', KEYS[1], ARGV[1]) ~= ARGV[2] then
  return 0
end
if ARGV[3] == '' then
  redis.call('HDEL', KEYS[1], ARGV[1])
else
  redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
end
return 1
