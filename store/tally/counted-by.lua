-- Finds the consumer that counted an entry.
--
-- KEYS[1] countedBy {pN}:counted-by
-- ARGV[1] position  the entry's id; for a replayed dead letter, the original id
--
-- Returns the consumer's name, or false if no remaining record contains the entry.

local call = redis.call

local function parse(id)
  local ms, n = string.match(id, '^(%d+)-(%d+)$')
  return tonumber(ms), tonumber(n)
end
local ms, n = parse(ARGV[1])

local function reaches(id, sign)
  local otherMs, otherN = parse(id)
  return sign * (ms - otherMs) > 0 or (ms == otherMs and sign * (n - otherN) >= 0)
end

-- An entry is counted after it was written, usually a few milliseconds later. The search is bounded by the time that a
-- script may take.
local from = string.format('%.0f', ms)
for _, size in ipairs({ 16, 1000 }) do
  local rows = call('XRANGE', KEYS[1], from, '+', 'COUNT', size)
  for _, row in ipairs(rows) do
    for run in string.gmatch(row[2][2], '%S+') do
      local first, last = string.match(run, '^(%S+)_(%S+)$')
      if run == ARGV[1] or (first and reaches(first, 1) and reaches(last, -1)) then
        return row[2][1]
      end
    end
  end
  if #rows < size then
    return false
  end
end
return false
