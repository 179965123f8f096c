-- Removes only entries that every group has handled. Never trims by length, which would remove entries that are not
-- counted yet.
--
-- The age follows from the ids. After the clock was set back, new ids keep the milliseconds of the highest one and do
-- not show an age; the limit is then the highest id of an earlier trim, at least keepMs ago, which the ledger keeps.
--
-- KEYS[1] stream     {pN}:votes
-- KEYS[2] ledger     {pN}:ledger
-- ARGV[1] keepMs     minimum age of removed entries, so that new receipts are answered from the stream
-- ARGV[2...] groups  the groups that must have handled an entry
--
-- Returns the number of removed entries, or -1 if a group does not exist, in which case nothing is removed.

local call = redis.call

local function parse(id)
  local ms, n = string.match(id, '^(%d+)-(%d+)$')
  return { tonumber(ms), tonumber(n) }
end

local function before(a, b)
  return a[1] < b[1] or (a[1] == b[1] and a[2] < b[2])
end

local function record(reply)
  local fields = {}
  for i = 1, #reply, 2 do
    fields[reply[i]] = reply[i + 1]
  end
  return fields
end

local groups = {}
for _, row in ipairs(call('XINFO', 'GROUPS', KEYS[1])) do
  local group = record(row)
  groups[group.name] = group
end

local time = call('TIME')
local now, keepMs = time[1] * 1000 + math.floor(time[2] / 1000), tonumber(ARGV[1])
-- The first id that must be kept.
local floor = { now - keepMs, 0 }
local last = record(call('XINFO', 'STREAM', KEYS[1]))['last-generated-id']
if parse(last)[1] > now then
  local at, id, nextId = unpack(call('HMGET', KEYS[2], 'trim-at', 'trim-id', 'trim-next'))
  if not at or math.abs(now - at) >= keepMs then
    id = nextId or last
    call('HSET', KEYS[2], 'trim-at', string.format('%.0f', now), 'trim-id', id, 'trim-next', last)
  end
  floor = parse(id)
end
for i = 2, #ARGV do
  local group = groups[ARGV[i]]
  if not group then
    return -1
  end
  local first = parse(group['last-delivered-id'])
  first[2] = first[2] + 1
  if group.pending > 0 then
    first = parse(call('XPENDING', KEYS[1], ARGV[i])[2])
  end
  if before(first, floor) then
    floor = first
  end
end
return call('XTRIM', KEYS[1], 'MINID', '=', string.format('%.0f-%.0f', floor[1], floor[2]))
