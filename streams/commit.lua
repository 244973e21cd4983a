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

redis.call('HSET', position, 'dirty', '1')
local new = ARGV[2]

for suffix, fields in pairs(difference.p) do
  local key = key_of['pane:' .. suffix]
  for field, by in pairs(fields) do
    if redis.call('HINCRBY', key, field, by) == 0 then redis.call('HDEL', key, field) end
  end
  if redis.call('HSET', key, '#', new) == 1 then redis.call('SADD', KEYS[6], suffix) end
end

for suffix, members in pairs(difference.l) do
  local key = key_of['live:' .. suffix]
  for member, score in pairs(members) do
    if score then redis.call('ZADD', key, score, member) else redis.call('ZREM', key, member) end
  end
  redis.call('HSET', KEYS[7], suffix, new)
end

-- Lua's unpack takes some thousand values at most.
for first = 8, #ARGV, 4000 do
  redis.call('HSET', KEYS[2], unpack(ARGV, first, math.min(first + 3999, #ARGV)))
end
for _, record in ipairs(difference.r) do redis.call('HDEL', KEYS[2], record) end
for _, suffix in ipairs(difference.g) do
  redis.call('DEL', key_of['pane:' .. suffix])
  redis.call('SREM', KEYS[6], suffix)
end
for member, at in pairs(difference.x) do
  if at then redis.call('ZADD', KEYS[4], at, member) else redis.call('ZREM', KEYS[4], member) end
end
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
