-- ACCEPT: the record, its place in the queue and its outbox entry appear together or not at all.
-- ARGV: id, owner, pool, priority band, idempotency key ('' for none), fingerprint, idempotency TTL ms, first look ms,
--       max pending, max pending of this owner, max bytes, input, queue timeout ms, then further field, value pairs of the record.
local id, owner, pool, band = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4])
local idempotencyKey, fingerprint = ARGV[5], ARGV[6]
local input = ARGV[12]

if idempotencyKey ~= '' then
  local answer = earlier(owner, idempotencyKey, fingerprint)
  if answer then return answer end
end
-- The client library sends a command again whose answer was lost: the same answer again.
if redis.call('EXISTS', K.job .. id) == 1 then
  local createdAt = redis.call('HGET', K.job .. id, 'createdAt')
  return { 'OK', createdAt, redis.call('ZRANK', K.waiting .. pool, id) or 0 }
end
if redis.call('ZCARD', K.due) >= tonumber(ARGV[9]) then return { 'FULL' } end
if tonumber(redis.call('HGET', K.pending, owner) or 0) >= tonumber(ARGV[10]) then return { 'QUOTA' } end
if tonumber(redis.call('GET', K.usedBytes) or 0) + #input > tonumber(ARGV[11]) then return { 'FULL' } end

local place = redis.call('INCR', K.sequence)
-- Bands are far enough apart that no sequence reaches the next one.
local order = band * 1e13 + place
redis.call('HSET', K.job .. id, 'status', 'queued', 'owner', owner, 'pool', pool, 'order', string.format('%.0f', order),
  'attempt', 0, 'tries', 0, 'publications', 1, 'createdAt', now, 'queuedAt', now, 'input', input, 'bytes', #input,
  'queueTimeoutMs', ARGV[13], 'queueDeadline', now + tonumber(ARGV[13]), unpack(ARGV, 14))
redis.call('ZADD', K.waiting .. pool, order, id)
redis.call('ZADD', K.due, now + tonumber(ARGV[8]), id)
redis.call('HINCRBY', K.pending, owner, 1)
redis.call('ZADD', K.ownerJobs .. owner, place, id)
redis.call('INCRBY', K.usedBytes, #input)
emit(id, { attempt = 0 }, 'queued', { reason = 'accepted' })
if redis.call('HINCRBY', K.pool .. pool, 'accepted', 1) == 1 then redis.call('SADD', K.pools, pool) end
if idempotencyKey ~= '' then
  redis.call('SET', K.idempotency .. owner .. ':' .. idempotencyKey, id .. ' ' .. fingerprint, 'PX', ARGV[7])
end
return { 'OK', now, redis.call('ZRANK', K.waiting .. pool, id) }
