-- REPAIR: a record and the indexes that should name it are brought together again; nothing is decided about the job.
-- ARGV: id
local id = ARGV[1]
local job = load(id, 'expiresAt', 'notBefore', 'order')
if not job.status then
  if redis.call('DEL', K.output .. id, K.events .. id) > 0 then return { 'DELETED' } end
  return { 'SOUND' }
end
if isFinal(job.status) then
  if redis.call('ZSCORE', K.finished, id) then return { 'SOUND' } end
  redis.call('ZADD', K.finished, job.expiresAt, id)
  redis.call('ZADD', K.sizes, job.bytes, id)
  return { 'INDEXED' }
end
local isLost = not redis.call('ZSCORE', K.due, id)
if isLost then redis.call('ZADD', K.due, now, id) end
local waits = job.status == 'queued' and job.notBefore == 0
if waits and redis.call('ZADD', K.waiting .. job.pool, 'NX', job.order, id) == 1 then isLost = true end
if isLost then return { 'REVIVED' } end
return { 'SOUND' }
