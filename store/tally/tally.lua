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
--   entries    id, ms, n, notify (0 or 1), number of votes; flat. ms and n order the entry and decide whether it is in time
--   choiceOf   for each vote in order of entries: its choice, an index from 1
--   contestOf  for each vote its contest, an index from 1; empty if there is only one contest
--   sequences  for each vote its sequence; empty if all are 0
-- ARGV[4] bucketMs    length of a bucket of vote_ids
-- ARGV[5] consumer    who counts, for the record of who counted what; empty: no record
-- ARGV[6] inRow       1 if the entries follow each other in the stream, so that the record may name ranges
--
-- Returns a letter for each entry: "1" counted now, "0" counted before, "u" not counted: a contest has no rules.
-- An error that starts with TRYAGAIN means that a recount has stopped the count of a contest for a moment, and one that
-- starts with CORRUPT that a hash holds an invalid value; nothing was written.

local contests, choices, entries, choiceOf, contestOf, sequences = cmsgpack.unpack(ARGV[3])
local bucketMs = tonumber(ARGV[4])
local call, format = redis.call, string.format
local ENTRY, CHUNK = 5, 4000
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

local ids = {}
for c = 1, #contests do
  ids[c] = contests[c][1]
end
local rules = #ids > 0 and call('HMGET', KEYS[2], unpack(ids)) or {}
local frozen = {}
for c = 1, #ids do
  frozen[c] = ':frozen ' .. ids[c]
end
for c, freeze in ipairs(#ids > 0 and call('HMGET', KEYS[2], unpack(frozen)) or {}) do
  local time = freeze and call('TIME')
  local left = freeze and tonumber(string.match(freeze, '^%d+') or 0) - time[1] * 1000
  -- A freeze lasts seconds; one that seems longer is from before the clock jumped back.
  if freeze and left > 0 and left < 60000 then
    return redis.error_reply('TRYAGAIN the contest ' .. ids[c] .. ' is being recounted')
  end
end
local tables = {}
for c = 1, #contests do
  local id, kind, tally, first, bucket, buckets, keys = unpack(contests[c])
  local rule, opens, closes, from, spans = string.match(rules[c] or '', '^(%S+) (%d+) (%d+) (%d+) ([%d,-]+)$')
  if not rule then
    rule, opens, closes = string.match(rules[c] or '', '^(%S+) (%d+) (%d+)$')
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
    from = tonumber(from or 0), -- votes up to it were cast before a reset
    pauses = {}, -- begin and end of each, flat
    tally = KEYS[tally],
    first = first,
    bucket = bucket,
    keys = keys,
    place = 0, -- number of the contest's votes that were visited
    names = { ':version', ':voters', ':changed', ':votes', ':superseded', ':duplicate', ':late', ':upto' },
    old = {}, -- one-per-voter: a voter's effective vote before this call, false if there is none
    effective = {}, -- one-per-voter: voter key -> number of the vote of this call that is effective
    seen = {}, -- open: known vote_ids
    newIds = {},
  }
  tables[c] = tab
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
  if tab.known and #keys > 0 then
    if tab.single then
      local old = readFields(KEYS[first], keys)
      for i = 1, #keys do
        if old[i] then
          local choice, sequence, ms, n, index = string.match(old[i], '^(%S+) (%d+) (%d+)-(%d+) (%d+)$')
          if not choice then
            return redis.error_reply('CORRUPT ' .. KEYS[first] .. ' holds a value that is not a vote')
          end
          old[i] = { choice, tonumber(sequence), tonumber(ms), tonumber(n), tonumber(index) }
          if not named[choice] then
            tab.names[#tab.names + 1] = choice
            named[choice] = true
          end
        end
      end
      tab.old = old
    else
      for b = 0, buckets - 1 do
        local found = readFields(KEYS[first + b], keys)
        for i = 1, #keys do
          -- A vote_id of before a reset may be used again.
          if found[i] and (tab.from == 0 or tonumber(string.match(found[i], '^%d+') or 0) > tab.from) then
            tab.seen[keys[i]] = true
          end
        end
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
local entryOf = {} -- vote -> index of its entry in `entries`
local firstOf = {} -- that index -> number of the entry's first vote
local vote = 0

-- Whether a vote of the entry at `at` is newer than the effective one.
local function isNewer(sequence, at, index, other, otherMs, otherN, otherIndex)
  if sequence ~= other then
    return sequence > other
  end
  local ms, n = entries[at + 1], entries[at + 2]
  if ms ~= otherMs then
    return ms > otherMs
  end
  if n ~= otherN then
    return n > otherN
  end
  return index > otherIndex
end

local function countSingle(tab, key, i, at, index)
  local counters = tab.counters
  local choice = choices[choiceOf[vote]]
  local before = tab.effective[key]
  local old = not before and tab.old[i]
  if not before and not old then
    counters[':voters'] = counters[':voters'] + 1
    counters[':votes'] = counters[':votes'] + 1
    counters[choice] = counters[choice] + 1
    ledger.counted = ledger.counted + 1
    tab.effective[key] = vote
    return 'c'
  end
  counters[':superseded'] = counters[':superseded'] + 1
  ledger.superseded = ledger.superseded + 1
  local sequence = allZero and 0 or sequences[vote]
  local newer, oldChoice
  if before then
    local from = entryOf[before]
    newer = isNewer(sequence, at, index, allZero and 0 or sequences[before], entries[from + 1], entries[from + 2],
      before - firstOf[from])
    oldChoice = choices[choiceOf[before]]
  else
    newer = isNewer(sequence, at, index, old[2], old[3], old[4], old[5])
    oldChoice = old[1]
  end
  if not newer then
    return 's'
  end
  counters[':changed'] = counters[':changed'] + 1
  counters[oldChoice] = counters[oldChoice] - 1
  counters[choice] = counters[choice] + 1
  if before and letters[entryOf[before]] then
    letters[entryOf[before]][before - firstOf[entryOf[before]] + 1] = 's'
  end
  tab.effective[key] = vote
  return 'c'
end

local function countOpen(tab, key, at, index)
  local counters = tab.counters
  if key ~= '' then
    if tab.seen[key] then
      counters[':duplicate'] = counters[':duplicate'] + 1
      ledger.duplicate = ledger.duplicate + 1
      return 'd'
    end
    tab.seen[key] = true
    local bucket = math.floor(entries[at + 1] / bucketMs) - tab.bucket
    local args = tab.newIds[bucket] or {}
    tab.newIds[bucket] = args
    args[#args + 1] = key
    args[#args + 1] = format('%.0f-%.0f %d', entries[at + 1], entries[at + 2], index)
  end
  local choice = choices[choiceOf[vote]]
  counters[':voters'] = counters[':voters'] + 1
  counters[':votes'] = counters[':votes'] + 1
  counters[choice] = counters[choice] + 1
  ledger.counted = ledger.counted + 1
  return 'c'
end

local function isPaused(pauses, ms)
  for i = 1, #pauses, 2 do
    if ms > pauses[i] and ms < pauses[i + 1] then
      return true
    end
  end
  return false
end

-- Replayed dead letters whose votes for a contest were counted by a recount, by `counted <contest> <position>`.
local recounted, marks, positions = {}, {}, {}
for at = 1, #entries, ENTRY do
  local position = format('%.0f-%.0f', entries[at + 1], entries[at + 2])
  positions[at] = position
  for c = 1, position ~= entries[at] and #ids or 0 do
    local mark = 'counted ' .. ids[c] .. ' ' .. position
    if call('HEXISTS', KEYS[4], mark) == 1 then
      recounted[at .. ' ' .. c] = mark
    end
  end
end

for at = 1, #entries, ENTRY do
  local ms, count = entries[at + 1], entries[at + 4]
  local state = '1'
  for v = vote + 1, vote + count do
    if not tables[onlyContest and 1 or contestOf[v]].known then
      state = 'u'
      break
    end
  end
  if state == '1' and call('XACK', KEYS[1], ARGV[1], entries[at]) == 0 then
    state = '0'
  end
  states[#states + 1] = state
  local claimed = state == '1'
  local outcomes = claimed and entries[at + 3] == 1 and {} or nil
  letters[at] = outcomes
  firstOf[at] = vote + 1
  if claimed then
    ledger.entries = ledger.entries + 1
    ledger.votes = ledger.votes + count
  end
  for index = 0, count - 1 do
    vote = vote + 1
    entryOf[vote] = at
    local c = onlyContest and 1 or contestOf[vote]
    local tab = tables[c]
    local i = tab.place + 1
    tab.place = i
    if claimed then
      local outcome
      if ms <= tab.from then
        -- Without a trace in the contest's counters, so that a recount agrees.
        outcome = 'l'
        ledger.late = ledger.late + 1
      elseif ms > tab.closes or ms < tab.opens or isPaused(tab.pauses, ms) then
        outcome = 'l'
        tab.counters[':late'] = tab.counters[':late'] + 1
        ledger.late = ledger.late + 1
      elseif recounted[at .. ' ' .. c] then
        outcome = 'd'
        marks[#marks + 1] = recounted[at .. ' ' .. c]
        tab.counters[':duplicate'] = tab.counters[':duplicate'] + 1
        ledger.duplicate = ledger.duplicate + 1
      elseif tab.single then
        outcome = countSingle(tab, tab.keys[i], i, at, index)
      else
        outcome = countOpen(tab, tab.keys[i] or '', at, index)
      end
      if outcome == 'c' and ms > tab.counters[':upto'] then
        tab.counters[':upto'] = ms
      end
      if outcomes then
        outcomes[index + 1] = outcome
      end
    end
  end
end

-- 3. Write. -----------------------------------------------------------------------------------------------------------

-- `<choice> <sequence> <ms>-<n> <index>`; the common part of votes with the same entry and choice is built once.
local heads, digits = {}, {}
local function effectiveVote(number)
  local at = entryOf[number]
  local index = number - firstOf[at]
  local slot = at * #choices + choiceOf[number]
  local head = heads[slot]
  if not head then
    head = { choices[choiceOf[number]] .. ' ', format(' %.0f-%.0f ', entries[at + 1], entries[at + 2]) }
    head[3] = head[1] .. '0' .. head[2]
    heads[slot] = head
  end
  local digit = digits[index]
  if not digit then
    digit = format('%d', index)
    digits[index] = digit
  end
  if allZero or sequences[number] == 0 then
    return head[3] .. digit
  end
  return head[1] .. format('%.0f', sequences[number]) .. head[2] .. digit
end

-- One record a call: `<first>_<last>` of each run of entries that were counted now, or the id of a single one.
local function recordConsumer()
  if ARGV[5] == '' then
    return
  end
  local runs, first, last = {}, nil, nil
  local function close()
    if first then
      runs[#runs + 1] = first == last and first or first .. '_' .. last
    end
    first, last = nil, nil
  end
  for i = 1, #states do
    local at = (i - 1) * ENTRY + 1
    local position = positions[at]
    local isReplay = position ~= entries[at]
    if isReplay or states[i] ~= '1' or ARGV[6] ~= '1' then
      close()
    end
    if states[i] == '1' then
      first, last = first or position, position
    end
    if isReplay then
      close()
    end
  end
  close()
  call('XADD', KEYS[5], 'MAXLEN', '~', 8192, '*', ARGV[5], table.concat(runs, ' '))
end

for c = 1, #tables do
  local tab = tables[c]
  if tab.known then
    local args, n = {}, 0
    for key, number in pairs(tab.effective) do
      args[n + 1] = key
      args[n + 2] = effectiveVote(number)
      n = n + 2
    end
    writeFields(KEYS[tab.first], args)
    for bucket, pairsOfBucket in pairs(tab.newIds) do
      writeFields(KEYS[tab.first + bucket], pairsOfBucket)
      -- Repeats are looked up here until the end of the next bucket; the rest allows for late handling.
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
if ledger.entries > 0 then
  writeCounters(KEYS[3], columns, ledger)
  recordConsumer()
end
for at, outcomes in pairs(letters) do
  call('PUBLISH', ARGV[2], entries[at] .. ' ' .. table.concat(outcomes))
end
return table.concat(states)
