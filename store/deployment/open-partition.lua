-- Creates what a partition lacks: the rules of contests, the stream, its groups and its epoch.
--
-- One script, so that the rules are there before the first entry: edges append to existing streams only. A stream that
-- was lost gets another epoch, which distinguishes its entry ids from those of its successor.
--
-- KEYS[1] stream     {pN}:votes
-- KEYS[2] epoch      {pN}:epoch
-- KEYS[3] rules      {pN}:rules
-- ARGV[1] epoch      for a new stream
-- ARGV[2] tally      the group that counts
-- ARGV[3] log        the group that logs
-- ARGV[4] write      HSETNX keeps existing rules, HSET replaces them
-- ARGV[5...] rules   contest and rule of each contest
--
-- Returns {epoch, 1 if the stream is new}.

local call = redis.call
local isNew = call('EXISTS', KEYS[1]) == 0
for i = 5, #ARGV, 2 do
  call(ARGV[4], KEYS[3], ARGV[i], ARGV[i + 1])
end
for _, group in ipairs({ ARGV[2], ARGV[3] }) do
  -- From 0, never from `$`: entries may have been written before the group exists.
  local reply = redis.pcall('XGROUP', 'CREATE', KEYS[1], group, '0', 'MKSTREAM')
  if reply.err and not string.find(reply.err, 'BUSYGROUP', 1, true) then
    return reply
  end
end
if isNew then
  call('SET', KEYS[2], ARGV[1])
else
  call('SET', KEYS[2], ARGV[1], 'NX')
end
return { call('GET', KEYS[2]), isNew and 1 or 0 }
