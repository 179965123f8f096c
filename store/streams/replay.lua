-- Appends a dead letter to its stream again, for the group that failed only, and removes it from the dead letters. The
-- new entry's field `replay` holds `<group> <position>`: other groups skip it. The position, which is the id of the
-- original entry, decides its order and whether it is in time. The field `traceparent` continues its traces.
--
-- KEYS[1] stream   {pN}:votes
-- KEYS[2] dead     {pN}:dead
-- KEYS[3] ledger   {pN}:ledger
-- KEYS[4] failures {pN}:failures
-- ARGV[1] group    of the dead letter
-- ARGV[2] id       of the dead letter
--
-- Returns the new entry's id, or false if there is no such dead letter.

local call = redis.call
local field = ARGV[1] .. ' ' .. ARGV[2]
local letter = call('HGET', KEYS[2], field)
if not letter then
  return false
end
local line = string.find(letter, '\n', 1, true)
local meta = cjson.decode(string.sub(letter, 1, line - 1))
local replay = type(meta.replay) == 'string' and meta.replay or field
local entry = { meta.field, string.sub(letter, line + 1), 'replay', replay }
if type(meta.traceparent) == 'string' then
  entry[5], entry[6] = 'traceparent', meta.traceparent
end
local id = call('XADD', KEYS[1], '*', unpack(entry))
-- Receipts name the position; until the new entry is handled, receipt.lua reads the new entry instead.
call('HSET', KEYS[4], 'replay ' .. replay, id)
call('HDEL', KEYS[2], field)
-- 0 - n, because -0 is formatted as "-0", which HINCRBY rejects.
call('HINCRBY', KEYS[3], 'dead-' .. ARGV[1] .. '-votes', 0 - meta.votes)
return id
