-- Creates missing parts of a partition: the rules of contests, the stream, its groups and its epoch.
--
-- One atomic script, so that the rules exist before the first entry: edges append to existing streams only. After a
-- stream was lost, the new one gets another epoch, which distinguishes the entry ids of both.
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
  -- From 0, not from `$`: the stream may have entries from before the group existed.
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
