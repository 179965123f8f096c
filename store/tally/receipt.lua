-- Returns the state of an entry in the group that counts.
--
-- KEYS[1] stream   {pN}:votes
-- KEYS[2] dead     {pN}:dead
-- KEYS[3] epoch    {pN}:epoch
-- KEYS[4] failures {pN}:failures
-- ARGV[1] group    the consumer group that counts
-- ARGV[2] id       of the entry
-- ARGV[3] epoch    of the stream that the entry was written to
--
-- Returns {state, bytes of the entry or false}. State: "lost" (the stream was lost later), "dead" (a dead letter),
-- "queued" (not counted yet), "settled" (handled), "gone" (handled and trimmed).

local call = redis.call
if call('GET', KEYS[3]) ~= ARGV[3] then
  return { 'lost', false }
end
-- A replayed dead letter is now another entry.
local id = call('HGET', KEYS[4], 'replay ' .. ARGV[1] .. ' ' .. ARGV[2]) or ARGV[2]
local entry = call('XRANGE', KEYS[1], id, id)[1]
local bytes = false
for i = 1, entry and #entry[2] or 0, 2 do
  if entry[2][i] == 'b' then
    bytes = entry[2][i + 1]
  end
end
if call('HEXISTS', KEYS[2], ARGV[1] .. ' ' .. id) == 1 then
  return { 'dead', bytes }
end
if not entry then
  return { 'gone', false }
end
local function before(a, b)
  local ams, an = string.match(a, '^(%d+)-(%d+)$')
  local bms, bn = string.match(b, '^(%d+)-(%d+)$')
  ams, an, bms, bn = tonumber(ams), tonumber(an), tonumber(bms), tonumber(bn)
  return ams < bms or (ams == bms and an < bn)
end
for _, row in ipairs(call('XINFO', 'GROUPS', KEYS[1])) do
  local group = {}
  for i = 1, #row, 2 do
    group[row[i]] = row[i + 1]
  end
  if group.name == ARGV[1] and not before(group['last-delivered-id'], id) then
    local pending = call('XPENDING', KEYS[1], ARGV[1], id, id, 1)
    return { #pending == 0 and 'settled' or 'queued', bytes }
  end
end
return { 'queued', bytes }
