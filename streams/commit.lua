-- One chunk of one partition: its effect and its position, or nothing at all.
--
-- KEYS  1 position  2 records  3 ledger  4 expiry  5 deltas  6 panes  7 lives
--       8... the panes and live sets that change, then the panes that are swept away
-- ARGV  1 expected next offset ("" when the partition has no state yet)   2 new next offset
--       3 epoch   4 schema   5 length of the key prefix   6 the most deltas to keep
--       7 the difference, msgpack: p panes, l live sets, w watermark, t tick, f first offset,
--         k ledger, x expiry, g panes gone, r records gone, u until (ms, a replay's one TTL)
--       8... record key, record, record key, record ...
-- Returns {1, next} when it was done, {0, stored next or "", stored epoch} when the position is another.

local position = KEYS[1]
local stored = redis.call('HMGET', position, 'next', 'epoch', 'schema', 'dirty')
if (stored[1] or '') ~= ARGV[1] or (stored[1] and (stored[2] ~= ARGV[3] or stored[3] ~= ARGV[4])) or stored[4] then
  return {0, stored[1] or '', stored[2] or ''}
end

-- Everything is checked before the first write, for Redis does not undo a script that fails half-way.
local difference = cmsgpack.unpack(ARGV[7])
local prefix_length = tonumber(ARGV[5])
local key_of = {}
for i = 8, #KEYS do
  key_of[string.sub(KEYS[i], prefix_length)] = KEYS[i]
end
for suffix in pairs(difference.p) do
  if not key_of['pane:' .. suffix] then return redis.error_reply('undeclared pane ' .. suffix) end
end
for suffix in pairs(difference.l) do
  if not key_of['live:' .. suffix] then return redis.error_reply('undeclared live set ' .. suffix) end
end
if (#ARGV - 7) % 2 ~= 0 then return redis.error_reply('a record without its key') end

-- One command for many values is several times cheaper than one for each; Lua's unpack takes some thousand at most.
local function in_slices(command, key, values)
  for first = 1, #values, 4000 do
    redis.call(command, key, unpack(values, first, math.min(first + 3999, #values)))
  end
end

-- Lua's numbers are exact below 2^53; beyond that, Redis itself adds.
local EXACT = 9007199254740992

-- Add to the fields of a pane that exists; a field that comes to nothing goes.
local function add(key, fields)
  local names, count = {}, 0
  for field in pairs(fields) do
    count = count + 1
    names[count] = field
  end
  local changed, n, gone = {}, 0, {}
  for first = 1, count, 4000 do
    local last = math.min(first + 3999, count)
    local stored = redis.call('HMGET', key, unpack(names, first, last))
    for i = first, last do
      local field = names[i]
      local before = tonumber(stored[i - first + 1] or 0)
      local sum = before + fields[field]
      if math.abs(before) >= EXACT or math.abs(sum) >= EXACT then
        redis.call('HINCRBY', key, field, fields[field])
      elseif sum == 0 then
        gone[#gone + 1] = field
      else
        changed[n + 1], changed[n + 2], n = field, sum, n + 2
      end
    end
  end
  in_slices('HSET', key, changed)
  in_slices('HDEL', key, gone)
end

redis.call('HSET', position, 'dirty', '1')
local new = ARGV[2]

for suffix, fields in pairs(difference.p) do
  local key = key_of['pane:' .. suffix]
  if redis.call('HSETNX', key, '#', new) == 1 then
    redis.call('SADD', KEYS[6], suffix)
    local values, n = {}, 0
    for field, by in pairs(fields) do
      if math.abs(by) >= EXACT then
        redis.call('HINCRBY', key, field, by)
      else
        values[n + 1], values[n + 2], n = field, by, n + 2
      end
    end
    in_slices('HSET', key, values)
  else
    add(key, fields)
    redis.call('HSET', key, '#', new)
  end
end

for suffix, members in pairs(difference.l) do
  local joined, left = {}, {}
  for member, score in pairs(members) do
    if score then
      joined[#joined + 1] = score
      joined[#joined + 1] = member
    else
      left[#left + 1] = member
    end
  end
  local key = key_of['live:' .. suffix]
  in_slices('ZADD', key, joined)
  in_slices('ZREM', key, left)
  redis.call('HSET', KEYS[7], suffix, new)
end

for first = 8, #ARGV, 4000 do
  redis.call('HSET', KEYS[2], unpack(ARGV, first, math.min(first + 3999, #ARGV)))
end
in_slices('HDEL', KEYS[2], difference.r)
for _, suffix in ipairs(difference.g) do
  redis.call('DEL', key_of['pane:' .. suffix])
  redis.call('SREM', KEYS[6], suffix)
end
local due, settled = {}, {}
for member, at in pairs(difference.x) do
  if at then
    due[#due + 1] = at
    due[#due + 1] = member
  else
    settled[#settled + 1] = member
  end
end
in_slices('ZADD', KEYS[4], due)
in_slices('ZREM', KEYS[4], settled)
for field, by in pairs(difference.k) do redis.call('HINCRBY', KEYS[3], field, by) end

redis.call('XADD', KEYS[5], 'MAXLEN', '~', ARGV[6], '*',
  'e', ARGV[3], 'b', ARGV[1] == '' and difference.f or ARGV[1], 'n', new, 'd', ARGV[7])

if difference.u then
  for _, key in ipairs(KEYS) do redis.call('PEXPIREAT', key, difference.u) end
end
redis.call('HSET', position, 'next', new, 'epoch', ARGV[3], 'schema', ARGV[4], 'watermark', difference.w,
  'tick', difference.t)
redis.call('HSETNX', position, 'first', difference.f)
redis.call('HDEL', position, 'dirty')
return {1, new}
