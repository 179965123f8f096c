-- Counts the votes of entries of one partition, each entry exactly once.
--
-- An entry that is not pending in the group any more was counted by somebody else and is skipped. Redis runs a script
-- alone and never rolls back: so whatever can fail comes before the first write, and the first write is the XACK that
-- makes an entry ours.
--
-- KEYS[1] stream      {pN}:votes
-- KEYS[2] rules       {pN}:rules
-- KEYS[3] ledger      {pN}:ledger
-- KEYS[4...] tables   per contest {pN}:tally:<contest>, then {pN}:voters:<contest> where the rule is one-per-voter, or
--                     {pN}:ids:<contest>:<bucket> for each bucket that a vote_id of this call may be in
-- ARGV[1] group       the consumer group
-- ARGV[2] channel     {pN}:counted
-- ARGV[3] batch       four MessagePack values:
--   contests  {id, rule, tally, tables, first bucket, number of buckets} each; tally and tables are indexes into KEYS
--   choices   ids
--   entries   id, ms, n, notify (0 or 1), number of votes; flat. ms and n order the entry and say whether it is in time
--   votes     contest, choice (indexes from 1), voter key or vote_id, sequence; flat, in order of entries
-- ARGV[4] bucketMs    length of a bucket of vote_ids
--
-- Returns a letter for each entry: "1" counted now, "0" counted before, "u" not counted for a contest without rules.
-- Errors start with CORRUPT where a hash of ours holds what it must not; nothing was written then.

local contests, choices, entries, votes = cmsgpack.unpack(ARGV[3])
local bucketMs = tonumber(ARGV[4])
local call = redis.call
local ENTRY, VOTE, CHUNK = 5, 4, 2000

-- HMGET, HSET with any number of arguments: unpack() takes at most some thousands.
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

-- Reads counters, and fails where one of them is not a whole number.
local function readCounters(key, names)
  local counters = {}
  local values = readFields(key, names)
  for i = 1, #names do
    local number = tonumber(values[i] or '0')
    if not number or number % 1 ~= 0 then
      error({ err = 'CORRUPT ' .. key .. ' ' .. names[i] .. ' is not a whole number' })
    end
    counters[names[i]] = number
  end
  return counters
end

local function writeCounters(key, names, counters)
  local args = {}
  for i = 1, #names do
    args[2 * i - 1] = names[i]
    args[2 * i] = string.format('%.0f', counters[names[i]])
  end
  writeFields(key, args)
end

-- 1. Read and check everything. ---------------------------------------------------------------------------------------

local ids = {}
for c = 1, #contests do
  ids[c] = contests[c][1]
end
local rules = #ids > 0 and call('HMGET', KEYS[2], unpack(ids)) or {}
local tables = {}
for c = 1, #contests do
  local contest = contests[c]
  local rule, opens, closes = string.match(rules[c] or '', '^(%S+) (%d+) (%d+)$')
  if rules[c] and not rule then
    return redis.error_reply('CORRUPT ' .. KEYS[2] .. ' ' .. contest[1] .. ' is not a rule')
  end
  if rule and rule ~= contest[2] then
    return redis.error_reply('CORRUPT ' .. KEYS[2] .. ' ' .. contest[1] .. ' has another rule than its contest')
  end
  tables[c] = {
    known = rule ~= nil,
    single = contest[2] == 'one-per-voter',
    opens = tonumber(opens or 0),
    closes = (closes and closes ~= '0') and tonumber(closes) or math.huge,
    tally = KEYS[contest[3]],
    firstKey = contest[4],
    firstBucket = contest[5],
    buckets = contest[6],
    keys = {}, -- the voter keys or vote_ids of this call, in order
    names = {}, -- the counters to read and write
    named = {},
  }
end

local function name(tab, counter)
  if not tab.named[counter] then
    tab.named[counter] = true
    tab.names[#tab.names + 1] = counter
  end
end

for v = 1, #votes, VOTE do
  local tab = tables[votes[v]]
  local keys = tab.keys
  keys[#keys + 1] = votes[v + 2]
  name(tab, choices[votes[v + 1]])
end

for c = 1, #tables do
  local tab = tables[c]
  if tab.known and #tab.keys > 0 then
    if tab.single then
      -- What stands for each voter: old[i] is false where nothing does.
      local old = readFields(KEYS[tab.firstKey], tab.keys)
      tab.choice, tab.sequence, tab.ms, tab.n, tab.index = {}, {}, {}, {}, {}
      for i = 1, #tab.keys do
        local value = old[i]
        if value then
          local choice, sequence, ms, n, index = string.match(value, '^(%S+) (%d+) (%d+)-(%d+) (%d+)$')
          if not choice then
            return redis.error_reply('CORRUPT ' .. KEYS[tab.firstKey] .. ' holds a value that is not a vote')
          end
          tab.choice[i], tab.sequence[i] = choice, tonumber(sequence)
          tab.ms[i], tab.n[i], tab.index[i] = tonumber(ms), tonumber(n), tonumber(index)
          name(tab, choice)
        end
      end
    elseif tab.buckets > 0 then
      tab.seen = {}
      for b = 0, tab.buckets - 1 do
        local found = readFields(KEYS[tab.firstKey + b], tab.keys)
        for i = 1, #tab.keys do
          if found[i] then
            tab.seen[tab.keys[i]] = true
          end
        end
      end
      tab.newIds = {}
    end
    for _, counter in ipairs({ ':version', ':voters', ':changed', ':votes', ':superseded', ':duplicate', ':late', ':upto' }) do
      name(tab, counter)
    end
    tab.counters = readCounters(tab.tally, tab.names)
    tab.before = tab.counters[':votes'] + tab.counters[':superseded']
  end
end

local columns = { 'entries', 'votes', 'counted', 'superseded', 'duplicate', 'late' }
local ledger = readCounters(KEYS[3], columns)

-- 2. Make entries ours, and count in memory. --------------------------------------------------------------------------

local states, letters, entryOf = {}, {}, {}
local vote, at = 0, 1 -- vote: number of the vote in this call; at: its place in `votes`
local place = {} -- contest -> how many of its keys were passed
for c = 1, #tables do
  place[c] = 0
end

local function letter(number, outcome)
  local entry = entryOf[number]
  if letters[entry[1]] then
    letters[entry[1]][number - entry[2]] = outcome
  end
end

for e = 1, #entries, ENTRY do
  local id, ms, n, notify, count = entries[e], entries[e + 1], entries[e + 2], entries[e + 3], entries[e + 4]
  local state = '1'
  for v = at, at + count * VOTE - 1, VOTE do
    if not tables[votes[v]].known then
      state = 'u'
    end
  end
  if state == '1' and call('XACK', KEYS[1], ARGV[1], id) == 0 then
    state = '0'
  end
  local number = #states + 1
  states[number] = state
  if state ~= '1' then
    for v = at, at + count * VOTE - 1, VOTE do
      place[votes[v]] = place[votes[v]] + 1
    end
    vote, at = vote + count, at + count * VOTE
  else
    ledger.entries = ledger.entries + 1
    ledger.votes = ledger.votes + count
    local entry = { number, vote }
    if notify == 1 then
      letters[number] = {}
    end
    for index = 0, count - 1 do
      vote = vote + 1
      entryOf[vote] = entry
      local c = votes[at]
      local tab = tables[c]
      local choice, key, sequence = choices[votes[at + 1]], votes[at + 2], votes[at + 3]
      local counters = tab.counters
      local i = place[c] + 1
      place[c] = i
      local outcome = 'c'
      if ms > tab.closes or ms < tab.opens then
        outcome = 'l'
        counters[':late'] = counters[':late'] + 1
        ledger.late = ledger.late + 1
      elseif tab.single then
        local standing = tab.standing
        if not standing then
          standing = {}
          tab.standing, tab.vote, tab.of = standing, {}, {}
        end
        -- standing[key]: the place whose choice, sequence, ms, n and index stand for this voter.
        local j = standing[key]
        if not j and tab.choice[i] then
          j = i
        end
        if not j then
          counters[':voters'] = counters[':voters'] + 1
          counters[':votes'] = counters[':votes'] + 1
          counters[choice] = counters[choice] + 1
          ledger.counted = ledger.counted + 1
        else
          local newer = sequence - tab.sequence[j]
          if newer == 0 then
            newer = ms - tab.ms[j]
          end
          if newer == 0 then
            newer = n - tab.n[j]
          end
          if newer == 0 then
            newer = index - tab.index[j]
          end
          counters[':superseded'] = counters[':superseded'] + 1
          ledger.superseded = ledger.superseded + 1
          if newer > 0 then
            counters[':changed'] = counters[':changed'] + 1
            counters[tab.choice[j]] = counters[tab.choice[j]] - 1
            counters[choice] = counters[choice] + 1
            if tab.vote[j] then
              letter(tab.vote[j], 's')
              tab.vote[j] = nil
            end
          else
            outcome = 's'
          end
        end
        if outcome == 'c' then
          standing[key] = i
          tab.vote[i] = vote
          tab.choice[i], tab.sequence[i], tab.ms[i], tab.n[i], tab.index[i] = choice, sequence, ms, n, index
        end
      elseif key ~= '' and tab.seen[key] then
        outcome = 'd'
        counters[':duplicate'] = counters[':duplicate'] + 1
        ledger.duplicate = ledger.duplicate + 1
      else
        if key ~= '' then
          tab.seen[key] = true
          local bucket = math.floor(ms / bucketMs) - tab.firstBucket
          local args = tab.newIds[bucket]
          if not args then
            args = {}
            tab.newIds[bucket] = args
          end
          args[#args + 1] = key
          args[#args + 1] = string.format('%.0f-%.0f %d', ms, n, index)
        end
        counters[':voters'] = counters[':voters'] + 1
        counters[':votes'] = counters[':votes'] + 1
        counters[choice] = counters[choice] + 1
        ledger.counted = ledger.counted + 1
      end
      if outcome == 'c' and ms > counters[':upto'] then
        counters[':upto'] = ms
      end
      if notify == 1 then
        letters[number][index + 1] = outcome
      end
      tab.touched = true
      at = at + VOTE
    end
  end
end

-- 3. Write. -----------------------------------------------------------------------------------------------------------

for c = 1, #tables do
  local tab = tables[c]
  if tab.touched then
    if tab.vote then
      local args = {}
      local keys = tab.keys
      for i = 1, #keys do
        if tab.vote[i] then
          args[#args + 1] = keys[i]
          args[#args + 1] = string.format(
            '%s %.0f %.0f-%.0f %d', tab.choice[i], tab.sequence[i], tab.ms[i], tab.n[i], tab.index[i])
        end
      end
      writeFields(KEYS[tab.firstKey], args)
    end
    for bucket, args in pairs(tab.newIds or {}) do
      local key = KEYS[tab.firstKey + bucket]
      writeFields(key, args)
      -- A later repeat is looked for here up to the end of the next bucket; the rest is for handling it late.
      call('PEXPIRE', key, string.format('%.0f', 2 * bucketMs))
    end
    if tab.counters[':votes'] + tab.counters[':superseded'] > tab.before then
      tab.counters[':version'] = tab.counters[':version'] + 1
    end
    writeCounters(tab.tally, tab.names, tab.counters)
  end
end
writeCounters(KEYS[3], columns, ledger)
for number, outcomes in pairs(letters) do
  call('PUBLISH', ARGV[2], entries[(number - 1) * ENTRY + 1] .. ' ' .. table.concat(outcomes))
end
return table.concat(states)
