-- Puts a changed contest in the place of the one that it was made from, unless somebody else changed that meanwhile.
--
-- KEYS[1] contests  votewire:contests
-- ARGV[1] id        the contest's
-- ARGV[2] old       its JSON, as it was read
-- ARGV[3] new       its JSON from now on
--
-- Returns 1; 0 where something else stands there by now.

if redis.call('HGET', KEYS[1], ARGV[1]) ~= ARGV[2] then
  return 0
end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
return 1
