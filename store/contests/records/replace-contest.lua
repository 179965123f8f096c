-- Replaces or removes a contest unless another process changed it since it was read.
--
-- KEYS[1] contests  votewire:contests
-- ARGV[1] id        of the contest
-- ARGV[2] old       its JSON when it was read
-- ARGV[3] new       its new JSON; empty removes the contest
--
-- Returns 1, or 0 if the contest has changed since it was read.

if redis.call('HGET', KEYS[1], ARGV[1]) ~= ARGV[2] then
  return 0
end
if ARGV[3] == '' then
  redis.call('HDEL', KEYS[1], ARGV[1])
else
  redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
end
return 1
