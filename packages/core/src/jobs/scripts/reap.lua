-- REAP: what is due is looked at. Any number of sweepers may do it at once.
-- ARGV: id, may publish a waiting job '0'|'1', patience ms
local id, mayPublish, patience = ARGV[1], ARGV[2] == '1', tonumber(ARGV[3])
local job = load(id, 'queueDeadline', 'order', 'queueTimeoutMs', 'notBefore', 'task', 'traceparent', 'spent')
if not job.status or isFinal(job.status) then
  redis.call('ZREM', K.due, id)
  return { 'DROP' }
end
if tonumber(redis.call('ZSCORE', K.due, id) or 0) > now then return { 'WAIT' } end

if job.status == 'processing' and job.leaseUntil > now then
  redis.call('ZADD', K.due, job.leaseUntil, id)
  return { 'WAIT' }
end
local spent = failIfSpent(id, job)
if spent then return { 'FAILED', spent } end

if job.status == 'processing' then
  -- The lease ran out. The token stays: the holder may still take the job up again, if it beats before anyone claims.
  enqueue(id, job, 0, patience)
  emit(id, job, 'queued', { reason = 'worker-lost' })
  count(job, 'requeued')
elseif job.notBefore > 0 then
  enqueue(id, job, 0, patience)
elseif not mayPublish and not job.spent then
  -- Its message is in the broker still, as far as the counts tell.
  redis.call('ZADD', K.due, math.min(now + patience, job.queueDeadline), id)
  return { 'WAIT' }
end
redis.call('HDEL', K.job .. id, 'spent')
local publications = redis.call('HINCRBY', K.job .. id, 'publications', 1)
redis.call('ZADD', K.due, math.min(now + patience, job.queueDeadline), id)
return { 'PUBLISH', job.pool, job.task, redis.call('HGET', K.job .. id, 'input'), publications, job.traceparent or '' }
