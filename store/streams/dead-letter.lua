-- Records a failure of an entry, and moves it to the dead letters once it has failed often enough.
-- As in tally.lua, the XACK that claims the entry is the first write, and everything that can fail comes before it.
--
-- KEYS[1] stream    {pN}:votes
-- KEYS[2] dead      {pN}:dead
-- KEYS[3] failures  {pN}:failures
-- KEYS[4] ledger    {pN}:ledger
-- ARGV[1] group     the consumer group in which it failed
-- ARGV[2] id        the entry's
-- ARGV[3] limit     the number of failures after which it becomes a dead letter; 1: now
-- ARGV[4] reason    why it could not be handled
-- ARGV[5] votes     its number of votes, as far as it could be read
--
-- Returns "retry", "dead", or "gone" if it is not pending. A dead letter is a line of JSON {group, id, reason,
-- firstFailure, lastFailure (ms), failures, deliveries, votes, field, replay, traceparent}, then the bytes of that
-- field; replay is present if the entry was a replay itself, and traceparent if the entry has that field.

local call = redis.call
local group, id = ARGV[1], ARGV[2]
local field = group .. ' ' .. id

local pending = call('XPENDING', KEYS[1], group, id, id, 1)[1]
if not pending then
  call('HDEL', KEYS[3], field)
  return 'gone'
end
local time = call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local first, times = string.match(call('HGET', KEYS[3], field) or '', '^(%d+) (%d+)$')
first, times = tonumber(first or now), tonumber(times or 0) + 1
if times < tonumber(ARGV[3]) then
  call('HSET', KEYS[3], field, string.format('%.0f %d', first, times))
  return 'retry'
end

local entry = call('XRANGE', KEYS[1], id, id)[1]
local values = {}
for i = 1, entry and #entry[2] or 0, 2 do
  values[entry[2][i]] = entry[2][i + 1]
end
local name = (values.b or not entry) and 'b' or entry[2][1]
local letter = cjson.encode({
  group = group,
  id = id,
  reason = ARGV[4],
  firstFailure = first,
  lastFailure = now,
  failures = times,
  deliveries = pending[4],
  votes = tonumber(ARGV[5]),
  -- A field name with other characters could make the JSON invalid.
  field = string.match(name, '^[%w_.-]+$') or '?',
  replay = values.replay,
  traceparent = string.match(values.traceparent or '', '^[%x,-]+$'),
})
call('HEXISTS', KEYS[2], field)
local columns = { 'dead-' .. group, 'dead-' .. group .. '-votes' }
local old = call('HMGET', KEYS[4], unpack(columns))
for i = 1, 2 do
  if (tonumber(old[i] or 0) or 0.5) % 1 ~= 0 then
    return redis.error_reply('CORRUPT ' .. KEYS[4] .. ' ' .. columns[i] .. ' is not an integer')
  end
end

call('XACK', KEYS[1], group, id)
call('HSET', KEYS[2], field, letter .. '\n' .. (values[name] or ''))
call('HINCRBY', KEYS[4], columns[1], 1)
call('HINCRBY', KEYS[4], columns[2], ARGV[5])
call('HDEL', KEYS[3], field)
return 'dead'
