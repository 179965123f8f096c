-- Briefly stops the count of one contest in a partition, so that a recount can catch up with it. Until then tally.lua
-- answers TRYAGAIN, and consumers retry.
--
-- KEYS[1] stream   {pN}:votes
-- KEYS[2] rules    {pN}:rules
-- ARGV[1] contest  its id
-- ARGV[2] group    the consumer group that counts
-- ARGV[3] token    identifies this recount
-- ARGV[4] ms       the freeze expires after this time
--
-- Returns {freeze, last id delivered to the group, ids pending in it}. All other entries up to that id are counted.

local time = redis.call('TIME')
local ends = time[1] * 1000 + math.floor(time[2] / 1000) + tonumber(ARGV[4])
local freeze = string.format('%.0f %s', ends, ARGV[3])
redis.call('HSET', KEYS[2], ':frozen ' .. ARGV[1], freeze)
local last = '0-0'
for _, row in ipairs(redis.call('XINFO', 'GROUPS', KEYS[1])) do
  local group = {}
  for i = 1, #row, 2 do
    group[row[i]] = row[i + 1]
  end
  if group.name == ARGV[2] then
    last = group['last-delivered-id']
  end
end
local pending = {}
for i, row in ipairs(redis.call('XPENDING', KEYS[1], ARGV[2], '-', '+', 1000000)) do
  pending[i] = row[1]
end
return { freeze, last, pending }
