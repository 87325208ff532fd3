-- REPAIR: a record and the indexes that should name it are brought together again; nothing is decided about the job.
-- ARGV: id
local id = ARGV[1]
local job = load(id, 'expiresAt', 'notBefore', 'order')
if not job.status then
  local hadWebhooks = forgetWebhooks(id)
  if redis.call('DEL', K.output .. id, K.events .. id) > 0 or hadWebhooks then return { 'DELETED' } end
  return { 'SOUND' }
end

-- Whether a delivery that is to be made would not have been.
local function reviveWebhooks()
  local all, isLost = redis.call('HGETALL', K.webhooks .. id), false
  for i = 1, #all, 2 do
    local isReadable, told = pcall(cjson.decode, all[i + 1])
    local isPending = isReadable and type(told) == 'table' and told.status == 'pending'
    if isPending and redis.call('ZADD', K.webhooksDue, 'NX', now, id .. '-' .. all[i]) == 1 then isLost = true end
  end
  return isLost
end
local isLost = job.webhook and reviveWebhooks()

if isFinal(job.status) then
  if redis.call('ZSCORE', K.finished, id) then return { isLost and 'REVIVED' or 'SOUND' } end
  redis.call('ZADD', K.finished, job.expiresAt, id)
  redis.call('ZADD', K.sizes, job.bytes, id)
  return { 'INDEXED' }
end
if redis.call('ZADD', K.due, 'NX', now, id) == 1 then isLost = true end
local waits = job.status == 'queued' and job.notBefore == 0
if waits and redis.call('ZADD', K.waiting .. job.pool, 'NX', job.order, id) == 1 then isLost = true end
if isLost then return { 'REVIVED' } end
return { 'SOUND' }
