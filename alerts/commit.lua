-- What changed of the alerts, written only by who holds the lease: a process that was stopped and wakes up writes nothing.
--
-- KEYS  1 the alerts (hash)   2 the lease
-- ARGV  1 who writes   2 the new version   3 channel   4 ms until all of it expires (0: never)
--       5 "1": what is not among these is deleted, too   6 how many fields are deleted
--       7... the fields that are deleted, then field, JSON, field, JSON ...
-- Returns 1 when it was done, 0 when the lease is another's or nobody's.

if redis.call('GET', KEYS[2]) ~= ARGV[1] then
  return 0
end
local gone = tonumber(ARGV[6])
if gone == nil or gone > #ARGV - 6 or (#ARGV - 6 - gone) % 2 ~= 0 then
  return redis.error_reply('a field without its value')
end
if ARGV[5] == '1' then
  redis.call('DEL', KEYS[1])
end
-- Lua's unpack takes some thousand values at most.
local function in_slices(command, first, last)
  for from = first, last, 4000 do
    redis.call(command, KEYS[1], unpack(ARGV, from, math.min(from + 3999, last)))
  end
end
in_slices('HDEL', 7, 6 + gone)
in_slices('HSET', 7 + gone, #ARGV)
redis.call('HSET', KEYS[1], '#', ARGV[2])
if ARGV[4] ~= '0' then
  redis.call('PEXPIRE', KEYS[1], ARGV[4])
end
redis.call('PUBLISH', ARGV[3], ARGV[2])
return 1
