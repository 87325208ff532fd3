-- EXPIRE: a final job's data go, a tombstone stays.
-- ARGV: id, 'due' (only when its time has come) | 'now' (its owner or the byte budget asks), tombstone TTL ms
local id = ARGV[1]
local job = load(id, 'expiresAt', 'task', 'createdAt', 'finishedAt')
if not job.status then
  -- The net under the janitor caught the record first: drop what still names it.
  local bytes = tonumber(redis.call('ZSCORE', K.sizes, id) or 0)
  redis.call('DECRBY', K.usedBytes, string.format('%.0f', bytes))
  redis.call('ZREM', K.finished, id)
  redis.call('ZREM', K.sizes, id)
  redis.call('DEL', K.output .. id, K.events .. id)
  forgetWebhooks(id)
  return { 'GONE' }
end
if not isFinal(job.status) then return { 'WRONG', job.status } end
if ARGV[2] == 'due' and job.expiresAt > now then return { 'WAIT' } end
redis.call('HSET', K.tombstone .. id, 'owner', job.owner, 'task', job.task, 'status', job.status,
  'createdAt', job.createdAt, 'finishedAt', job.finishedAt, 'expiredAt', now)
redis.call('PEXPIRE', K.tombstone .. id, ARGV[3])
redis.call('DECRBY', K.usedBytes, job.bytes)
redis.call('ZREM', K.finished, id)
redis.call('ZREM', K.sizes, id)
redis.call('ZREM', K.ownerJobs .. job.owner, id)
redis.call('DEL', K.job .. id, K.output .. id, K.events .. id)
if job.webhook then forgetWebhooks(id) end
return { 'OK', job.bytes }
