-- Compares what stands in a partition's tables of a contest with what a recount made beside them, and puts the
-- recount's in their place if asked to: all of it at one moment, between two votes.
--
-- KEYS[1] stream      {pN}:votes
-- KEYS[2] rules       {pN}:rules
-- KEYS[3] tally       {pN}:tally:<contest>
-- KEYS[4] recounted   the recount's tally
-- KEYS[5...]          further tables that change places with it, each followed by the recount's: the voters, or the
--                     buckets of vote_ids
-- ARGV[1] group       the consumer group that counts
-- ARGV[2] upto        the last entry that the group had been handed when the recount was made, and all of them done;
--                     empty: whatever comes now changes nothing, the contest is closed
-- ARGV[3] apply       "1": change places
-- ARGV[4] keep        of further tables that the recount did not make: "1" keeps the old one, "0" removes it
-- ARGV[5] contest     its id
-- ARGV[6] rule        of the contest, as the recount began with it
--
-- Returns nil where entries were handed out since the recount, or the contest has another rule now; else {tally,
-- recounted}, each a flat HGETALL.

if redis.call('HGET', KEYS[2], ARGV[5]) ~= ARGV[6] then
  return false
end
if ARGV[2] ~= '' then
  for _, info in ipairs(redis.call('XINFO', 'GROUPS', KEYS[1])) do
    local group = {}
    for i = 1, #info, 2 do
      group[info[i]] = info[i + 1]
    end
    if group.name == ARGV[1] and (group.pending ~= 0 or group['last-delivered-id'] ~= ARGV[2]) then
      return false
    end
  end
end

local tally = redis.call('HGETALL', KEYS[3])
local recounted = redis.call('HGETALL', KEYS[4])

if ARGV[3] == '1' then
  local function number(key, field)
    return tonumber(redis.call('HGET', key, field) or '0') or 0
  end
  -- Watchers wait for a version above the one that they saw.
  local version = math.max(number(KEYS[3], ':version'), number(KEYS[4], ':version')) + 1
  -- In a closed contest late votes may have come since.
  local late = math.max(number(KEYS[3], ':late'), number(KEYS[4], ':late'))
  if ARGV[2] ~= '' then
    late = number(KEYS[4], ':late')
  end
  redis.call('UNLINK', KEYS[3])
  redis.call('HSET', KEYS[4], ':version', string.format('%.0f', version), ':late', string.format('%.0f', late))
  redis.call('RENAME', KEYS[4], KEYS[3])
  redis.call('PERSIST', KEYS[3])
  for i = 5, #KEYS, 2 do
    if redis.call('EXISTS', KEYS[i + 1]) == 1 then
      redis.call('RENAME', KEYS[i + 1], KEYS[i])
      if ARGV[4] == '0' then
        redis.call('PERSIST', KEYS[i])
      end
    elseif ARGV[4] == '0' then
      redis.call('UNLINK', KEYS[i])
    end
  end
end

return { tally, recounted }
