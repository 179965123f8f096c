-- Counts the votes of entries of one partition, each entry exactly once.
--
-- An entry that is not pending in the group was counted before and is skipped. Redis runs a script atomically and never
-- rolls back, so everything that can fail comes before the first write, which is the XACK that claims an entry.
--
-- KEYS[1] stream      {pN}:votes
-- KEYS[2] rules       {pN}:rules
-- KEYS[3] ledger      {pN}:ledger
-- KEYS[4] failures    {pN}:failures
-- KEYS[5] countedBy   {pN}:counted-by
-- KEYS[6...] tables   per contest {pN}:tally:<contest>, then {pN}:voters:<contest> if the rule is one-per-voter, or
--                     {pN}:ids:<contest>:<bucket> for each bucket that may have a vote_id of this call
-- ARGV[1] group       the consumer group
-- ARGV[2] channel     {pN}:counted
-- ARGV[3] batch       six MessagePack values:
--   contests   {id, rule, tally, tables, first bucket, number of buckets, keys} each; tally and tables are indexes into
--              KEYS; keys are the voter keys or vote_ids of the contest's votes in order, empty if no vote has a vote_id
--   choices    ids
--   entries    id, position, ms, n, notify (0 or 1), number of votes; flat. The position is <ms>-<n>. It decides the order
--              of the entry and whether it is in time, and differs from the id for a replayed dead letter
--   choiceOf   for each vote in order of entries: its choice, an index from 1
--   contestOf  for each vote its contest, an index from 1; empty if there is only one contest
--   sequences  for each vote its sequence; empty if all are 0
-- ARGV[4] bucketMs    length of a bucket of vote_ids
-- ARGV[5] consumer    name of the consumer, for the record of which consumer counted which entries; empty: no record
-- ARGV[6] inRow       1 if the entries are contiguous in the stream, so that the record may use ranges
--
-- Returns a letter for each entry: "1" counted now, "0" counted before, "u" not counted: a contest has no rules. An
-- error that starts with TRYAGAIN means that a recount has briefly stopped the count of a contest, and one that starts
-- with CORRUPT that a hash has an invalid value; in both cases nothing was written.

local contests, choices, entries, choiceOf, contestOf, sequences = cmsgpack.unpack(ARGV[3])
local bucketMs = tonumber(ARGV[4])
local call, format, match = redis.call, string.format, string.match
local ENTRY, CHUNK = 6, 4000
local onlyContest = #contestOf == 0
local allZero = #sequences == 0

-- HMGET and HSET for any number of arguments: unpack() is limited to a few thousand.
local function readFields(key, fields)
  if #fields <= CHUNK then
    return call('HMGET', key, unpack(fields))
  end
  local values = {}
  for from = 1, #fields, CHUNK do
    local to = math.min(from + CHUNK - 1, #fields)
    local part = call('HMGET', key, unpack(fields, from, to))
    for i = 1, to - from + 1 do
      values[from + i - 1] = part[i]
    end
  end
  return values
end

local function writeFields(key, args)
  for from = 1, #args, CHUNK do
    call('HSET', key, unpack(args, from, math.min(from + CHUNK - 1, #args)))
  end
end

-- Returns the counters, or nil and an error if one of them is not an integer.
local function readCounters(key, names)
  local counters = {}
  local values = readFields(key, names)
  for i = 1, #names do
    local number = tonumber(values[i] or '0')
    if not number or number % 1 ~= 0 then
      return nil, 'CORRUPT ' .. key .. ' ' .. names[i] .. ' is not an integer'
    end
    counters[names[i]] = number
  end
  return counters
end

local function writeCounters(key, names, counters)
  local args = {}
  for i = 1, #names do
    args[2 * i - 1] = names[i]
    args[2 * i] = format('%.0f', counters[names[i]])
  end
  writeFields(key, args)
end

-- 1. Read and check everything. ---------------------------------------------------------------------------------------

local fields = {}
for c = 1, #contests do
  fields[c] = contests[c][1]
  fields[#contests + c] = ':frozen ' .. contests[c][1]
end
local rules = #contests > 0 and call('HMGET', KEYS[2], unpack(fields)) or {}
for c = 1, #contests do
  local freeze = rules[#contests + c]
  local time = freeze and call('TIME')
  local left = freeze and tonumber(match(freeze, '^%d+') or 0) - time[1] * 1000
  -- A freeze lasts seconds; one that ends later was written before the clock was set back.
  if freeze and left > 0 and left < 60000 then
    return redis.error_reply('TRYAGAIN the contest ' .. fields[c] .. ' is being recounted')
  end
end

-- Reads the effective votes before this call. Returns an error if a value is not a vote.
local function readVoters(tab, key, named)
  local old, choiceBefore, msBefore = readFields(key, tab.keys), {}, {}
  local lastMs, time
  for i = 1, #old do
    local value = old[i]
    if value then
      -- The time alone usually decides the order of a vote without a sequence: the rest is parsed only if needed.
      local choice, ms = match(value, '^([^ ]+) 0 (%d+)%-%d+ %d+$')
      choice = choice or match(value, '^(%S+) %d+ %d+%-%d+ %d+$')
      if not choice then
        return 'CORRUPT ' .. key .. ' holds a value that is not a vote'
      end
      if ms ~= lastMs then
        lastMs, time = ms, tonumber(ms)
      end
      choiceBefore[i], msBefore[i] = choice, time
      if not named[choice] then
        tab.names[#tab.names + 1] = choice
        named[choice] = true
      end
    end
  end
  tab.old, tab.choiceBefore, tab.msBefore = old, choiceBefore, msBefore
end

local tables, allKnown = {}, true
for c = 1, #contests do
  local id, kind, tally, first, bucket, buckets, keys = unpack(contests[c])
  local rule, opens, closes, from, spans = match(rules[c] or '', '^(%S+) (%d+) (%d+) (%d+) ([%d,-]+)$')
  if not rule then
    rule, opens, closes = match(rules[c] or '', '^(%S+) (%d+) (%d+)$')
  end
  if rules[c] and not rule then
    return redis.error_reply('CORRUPT ' .. KEYS[2] .. ' ' .. id .. ' is not a rule')
  end
  if rule and rule ~= kind then
    return redis.error_reply('CORRUPT ' .. KEYS[2] .. ' ' .. id .. ' has another rule than its contest')
  end
  local tab = {
    known = rule ~= nil,
    single = kind == 'one-per-voter',
    opens = tonumber(opens or 0),
    closes = (closes and closes ~= '0') and tonumber(closes) or math.huge,
    from = tonumber(from or 0), -- votes up to this time were cast before a reset
    pauses = {}, -- begin and end of each pause, flat
    tally = KEYS[tally],
    first = first,
    bucket = bucket,
    keys = keys,
    place = 0, -- number of the contest's votes visited so far
    names = { ':version', ':voters', ':changed', ':votes', ':superseded', ':duplicate', ':late', ':upto' },
    -- one-per-voter: for each vote of this call, the voter's effective vote before this call, if any: `old` is the
    -- value, `choiceBefore` its choice, `msBefore` its time if its sequence is 0
    writes = {}, -- one-per-voter: voter keys and effective votes to write, flat
    slotOf = {}, -- one-per-voter: voter key -> slot, its index in `writes`
    voteAt = {}, -- one-per-voter: slot -> number of the vote
    seen = {}, -- open: known vote_ids
    newIds = {},
  }
  tables[c] = tab
  allKnown = allKnown and tab.known
  for begin, ends in string.gmatch(spans or '', '(%d+)-(%d+)') do
    tab.pauses[#tab.pauses + 1] = tonumber(begin)
    tab.pauses[#tab.pauses + 1] = tonumber(ends)
  end
  -- Any choice of the call may belong to this contest: a few extra counters are read, and only changed ones written.
  local named = {}
  for i = 1, #choices do
    tab.names[#tab.names + 1] = choices[i]
    named[choices[i]] = true
  end
  if tab.known and #keys > 0 and tab.single then
    local why = readVoters(tab, KEYS[first], named)
    if why then
      return redis.error_reply(why)
    end
  end
  for b = 0, tab.known and not tab.single and #keys > 0 and buckets - 1 or -1 do
    local found = readFields(KEYS[first + b], keys)
    for i = 1, #keys do
      -- A vote_id from before a reset may be used again.
      if found[i] and (tab.from == 0 or tonumber(match(found[i], '^%d+') or 0) > tab.from) then
        tab.seen[keys[i]] = true
      end
    end
  end
  if tab.known then
    local why
    tab.counters, why = readCounters(tab.tally, tab.names)
    if not tab.counters then
      return redis.error_reply(why)
    end
    tab.before = {}
    for name, value in pairs(tab.counters) do
      tab.before[name] = value
    end
  end
end

local columns = { 'entries', 'votes', 'counted', 'superseded', 'duplicate', 'late' }
local ledger, why = readCounters(KEYS[3], columns)
if not ledger then
  return redis.error_reply(why)
end

-- 2. Claim the entries, and count in memory. --------------------------------------------------------------------------

local states = {}
local letters = {} -- entry -> outcomes of its votes, if a client waits for them
local firstOf = {} -- entry -> number of its first vote
local entryOf = {} -- number of a vote in `voteAt` -> its entry
local marks = {} -- fields of failures to remove
local runs, ends = {}, {} -- first and last positions of each run of contiguous claimed entries
local digits = {} -- cache: number -> its string
local none = {}

local function add(counters, name, number)
  counters[name] = counters[name] + number
end

local function addTotals(counters, counted, outcome, others)
  add(counters, ':voters', counted)
  add(counters, ':votes', counted)
  add(counters, ':' .. outcome, others)
  add(ledger, 'counted', counted)
  add(ledger, outcome, others)
end

local function isPaused(pauses, ms)
  for i = 1, #pauses, 2 do
    if ms > pauses[i] and ms < pauses[i + 1] then
      return true
    end
  end
  return false
end

-- True if a vote of the entry at `at` is newer than another vote.
local function isNewer(sequence, at, index, other, otherMs, otherN, otherIndex)
  if sequence ~= other then
    return sequence > other
  end
  local ms, n = entries[at + 2], entries[at + 3]
  if ms ~= otherMs then
    return ms > otherMs
  end
  if n ~= otherN then
    return n > otherN
  end
  return index > otherIndex
end

local function isNewerThanBefore(value, sequence, at, index)
  local other, ms, n, otherIndex = match(value, '^%S+ (%d+) (%d+)-(%d+) (%d+)$')
  return isNewer(sequence, at, index, tonumber(other), tonumber(ms), tonumber(n), tonumber(otherIndex))
end

-- countSingle and countOpen count the votes `from` to `to`, which belong to one entry and one contest. They return the
-- number of votes with the outcome "c".
local function countSingle(tab, at, from, to)
  local counters, keys, writes, slotOf, voteAt = tab.counters, tab.keys, tab.writes, tab.slotOf, tab.voteAt
  local old, choiceBefore, msBefore = tab.old, tab.choiceBefore, tab.msBefore
  local ms, first, outcomes, place = entries[at + 2], firstOf[at], letters[at], tab.place - from + 1
  local fresh, changed, size = 0, 0, #writes
  local heads = {} -- choice -> value of an effective vote without a sequence, except its index
  for number = from, to do
    local i, index = number + place, number - first
    local key, choice = keys[i], choices[choiceOf[number]]
    local sequence = allZero and 0 or sequences[number]
    local slot = slotOf[key]
    local before, newer = choiceBefore[i], true
    if slot then
      local other = voteAt[slot]
      local otherAt = entryOf[other]
      local otherIndex = other - firstOf[otherAt]
      before = choices[choiceOf[other]]
      newer = isNewer(sequence, at, index, allZero and 0 or sequences[other], entries[otherAt + 2],
        entries[otherAt + 3], otherIndex)
      if newer and letters[otherAt] then
        letters[otherAt][otherIndex + 1] = 's'
      end
    elseif before then
      local time = msBefore[i]
      if sequence == 0 and time and time ~= ms then
        newer = ms > time
      else
        newer = isNewerThanBefore(old[i], sequence, at, index)
      end
    end
    if newer then
      if before then
        changed = changed + 1
        counters[before] = counters[before] - 1
      else
        fresh = fresh + 1
      end
      counters[choice] = counters[choice] + 1
      if not slot then
        slot = size + 1
        size = size + 2
        writes[slot] = key
        slotOf[key] = slot
      end
      voteAt[slot] = number
      entryOf[number] = at
      local digit = digits[index]
      if not digit then
        digit = format('%d', index)
        digits[index] = digit
      end
      if sequence == 0 then
        local head = heads[choice]
        if not head then
          head = choice .. ' 0 ' .. entries[at + 1] .. ' '
          heads[choice] = head
        end
        writes[slot + 1] = head .. digit
      else
        writes[slot + 1] = choice .. ' ' .. format('%.0f', sequence) .. ' ' .. entries[at + 1] .. ' ' .. digit
      end
    end
    if outcomes then
      outcomes[index + 1] = newer and 'c' or 's'
    end
  end
  add(counters, ':changed', changed)
  addTotals(counters, fresh, 'superseded', to - from + 1 - fresh)
  return fresh + changed
end

local function countOpen(tab, at, from, to)
  local counters, keys, seen = tab.counters, tab.keys, tab.seen
  local first, outcomes, place = firstOf[at], letters[at], tab.place - from + 1
  local bucket = math.floor(entries[at + 2] / bucketMs) - tab.bucket
  local duplicates = 0
  for number = from, to do
    local key = keys[number + place] or ''
    local isNew = key == '' or not seen[key]
    if isNew then
      local choice = choices[choiceOf[number]]
      counters[choice] = counters[choice] + 1
    else
      duplicates = duplicates + 1
    end
    if isNew and key ~= '' then
      seen[key] = true
      local args = tab.newIds[bucket] or {}
      tab.newIds[bucket] = args
      args[#args + 1] = key
      args[#args + 1] = format('%s %d', entries[at + 1], number - first)
    end
    if outcomes then
      outcomes[number - first + 1] = isNew and 'c' or 'd'
    end
  end
  local counted = to - from + 1 - duplicates
  addTotals(counters, counted, 'duplicate', duplicates)
  return counted
end

-- The reason why votes of the entry for a contest do not count: "l" if late or early, "d" if a recount has counted
-- them.
local function whyNot(tab, at, isRecounted)
  local ms = entries[at + 2]
  if ms <= tab.from or ms > tab.closes or ms < tab.opens or isPaused(tab.pauses, ms) then
    return 'l'
  end
  return isRecounted and 'd' or nil
end

local function count(tab, at, from, to, mark)
  local why = whyNot(tab, at, mark)
  if not why then
    local counted = (tab.single and countSingle or countOpen)(tab, at, from, to)
    if counted > 0 and entries[at + 2] > tab.counters[':upto'] then
      tab.counters[':upto'] = entries[at + 2]
    end
    return
  end
  marks[#marks + 1] = why == 'd' and mark or nil
  local name = why == 'l' and 'late' or 'duplicate'
  add(ledger, name, to - from + 1)
  -- The contest's counters do not include votes from before a reset, so that a recount agrees.
  if entries[at + 2] > tab.from then
    add(tab.counters, ':' .. name, to - from + 1)
  end
  for number = from, letters[at] and to or 0 do
    letters[at][number - firstOf[at] + 1] = why
  end
end

local function allContestsKnown(from, to)
  for number = from, allKnown and 0 or to do
    if not tables[onlyContest and 1 or contestOf[number]].known then
      return false
    end
  end
  return true
end

-- The marks of a replayed dead letter, by contest. A mark means that a recount has counted its votes for the contest.
local function marksOf(at)
  if entries[at] == entries[at + 1] then
    return none
  end
  local found = {}
  for c = 1, #contests do
    local mark = 'counted ' .. contests[c][1] .. ' ' .. entries[at + 1]
    found[c] = call('HEXISTS', KEYS[4], mark) == 1 and mark or nil
  end
  return found
end

local last, inRow = 0, false
for at = 1, #entries, ENTRY do
  local from = last + 1
  last = last + entries[at + 5]
  local isKnown, found = allContestsKnown(from, last), marksOf(at)
  local claimed = isKnown and call('XACK', KEYS[1], ARGV[1], entries[at]) == 1
  states[#states + 1] = claimed and '1' or isKnown and '0' or 'u'
  firstOf[at] = from
  -- A replayed dead letter is not contiguous with its neighbors, because its position is that of the original entry.
  local follows = inRow
  inRow = claimed and ARGV[6] == '1' and entries[at] == entries[at + 1]
  if claimed then
    if not (follows and inRow) then
      runs[#runs + 1] = entries[at + 1]
    end
    ends[#runs] = entries[at + 1]
    letters[at] = entries[at + 4] == 1 and {} or nil
    add(ledger, 'entries', 1)
    add(ledger, 'votes', entries[at + 5])
  end
  -- Consecutive votes for the same contest are counted together.
  while from <= last do
    local c, to = contestOf[from] or 1, from
    if onlyContest then
      to = last
    end
    while to < last and contestOf[to + 1] == c do
      to = to + 1
    end
    local tab = tables[c]
    if claimed then
      count(tab, at, from, to, found[c])
    end
    tab.place = tab.place + to - from + 1
    from = to + 1
  end
end

-- 3. Write. -----------------------------------------------------------------------------------------------------------

-- One record per call: `<first>_<last>` of each run of entries that were counted now, or the id of a single entry.
local function recordConsumer()
  for i = 1, #runs do
    runs[i] = runs[i] == ends[i] and runs[i] or runs[i] .. '_' .. ends[i]
  end
  call('XADD', KEYS[5], 'MAXLEN', '~', 8192, '*', ARGV[5], table.concat(runs, ' '))
end

for c = 1, #tables do
  local tab = tables[c]
  if tab.known then
    writeFields(KEYS[tab.first], tab.writes)
    for bucket, pairsOfBucket in pairs(tab.newIds) do
      writeFields(KEYS[tab.first + bucket], pairsOfBucket)
      -- Repeats are searched here until the end of the next bucket; the rest of the time allows for late handling.
      call('PEXPIRE', KEYS[tab.first + bucket], format('%.0f', 2 * bucketMs))
    end
    local counters, before = tab.counters, tab.before
    if counters[':votes'] > before[':votes'] or counters[':changed'] > before[':changed'] then
      counters[':version'] = counters[':version'] + 1
    end
    local changed = {}
    for i = 1, #tab.names do
      if counters[tab.names[i]] ~= before[tab.names[i]] then
        changed[#changed + 1] = tab.names[i]
      end
    end
    writeCounters(tab.tally, changed, counters)
  end
end
for i = 1, #marks do
  call('HDEL', KEYS[4], marks[i])
end
if #runs > 0 then
  writeCounters(KEYS[3], columns, ledger)
  if ARGV[5] ~= '' then
    recordConsumer()
  end
end
for at, outcomes in pairs(letters) do
  call('PUBLISH', ARGV[2], entries[at] .. ' ' .. table.concat(outcomes))
end
return table.concat(states)
