-- Removes the entries of a stream that every group has handled, and nothing else. Never by length, which would remove
-- entries that are not counted yet.
--
-- KEYS[1] stream     {pN}:votes
-- ARGV[1] keepMs     minimum age of removed entries, so that new receipts are answered from the stream
-- ARGV[2...] groups  all groups that must have handled an entry
--
-- Returns the number of removed entries, or -1 if a group does not exist; then nothing is removed.

local call = redis.call

local function parse(id)
  local ms, n = string.match(id, '^(%d+)-(%d+)$')
  return { tonumber(ms), tonumber(n) }
end

local function before(a, b)
  return a[1] < b[1] or (a[1] == b[1] and a[2] < b[2])
end

local groups = {}
for _, row in ipairs(call('XINFO', 'GROUPS', KEYS[1])) do
  local group = {}
  for i = 1, #row, 2 do
    group[row[i]] = row[i + 1]
  end
  groups[group.name] = group
end

local time = call('TIME')
-- The first id that must stay.
local floor = { time[1] * 1000 + math.floor(time[2] / 1000) - tonumber(ARGV[1]), 0 }
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
