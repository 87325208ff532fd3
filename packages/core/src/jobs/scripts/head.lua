-- Stands before every script, behind the table K that job-scripts.ts makes from keys.ts: each entry is a whole key, or
-- the beginning of one that an id, a pool or an owner completes. All share one hash tag; KEYS[1] says only which.

-- Redis's own clock, in ms: the only clock that decides about leases and deadlines.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

-- A record without an owner of its keys would outlive everything; this net under the janitor is a day wide.
local NET_MS = 86400000

local NUMBERS = {
  attempt = true, tries = true, maxAttempts = true, publications = true, order = true, queueTimeoutMs = true,
  queueDeadline = true, runTimeoutMs = true, runDeadline = true, ttlMs = true, leaseUntil = true, beatAt = true,
  startedAt = true, notBefore = true, bytes = true, expiresAt = true, createdAt = true, finishedAt = true,
  settledAttempt = true, outOfMemory = true, said = true,
}
-- What every transition looks at.
local FIELDS = {
  'status', 'pool', 'owner', 'attempt', 'tries', 'maxAttempts', 'bytes', 'ttlMs', 'token', 'leaseUntil', 'startedAt',
  'resultHash', 'webhook',
}

-- The record as far as it is needed: the fields above and those named. An absent number is 0, an absent text is false.
local function load(id, ...)
  local fields = { unpack(FIELDS) }
  for _, field in ipairs({ ... }) do fields[#fields + 1] = field end
  local values = redis.call('HMGET', K.job .. id, unpack(fields))
  local job = {}
  for i, field in ipairs(fields) do
    if NUMBERS[field] then job[field] = tonumber(values[i] or 0) else job[field] = values[i] end
  end
  return job
end

local function isFinal(status)
  return status == 'done' or status == 'failed' or status == 'cancelled'
end

-- Whether this attempt's token still speaks for the job.
local function holds(job, attempt, token)
  return job.attempt == tonumber(attempt) and job.token == token
end

local function count(job, what)
  redis.call('HINCRBY', K.pool .. job.pool, what, 1)
end

-- What to say of an earlier request with this idempotency key; false where there was none.
local function earlier(owner, key, fingerprint)
  local first = redis.call('GET', K.idempotency .. owner .. ':' .. key)
  if not first then return false end
  local space = string.find(first, ' ', 1, true)
  if string.sub(first, space + 1) ~= fingerprint then return { 'CONFLICT' } end
  return { 'SAME', string.sub(first, 1, space - 1) }
end

-- What happened to a job, for those who watch it: kept as long as the job, the newest of it. Those who listen are told that
-- there is more to read. `data` is a table; what every event has, its attempt and its time, stands beside it.
local MAX_EVENTS = 1000
-- What Redis needs around one.
local ENTRY_BYTES = 64
local function emit(id, job, event, data)
  redis.call('XADD', K.events .. id, 'MAXLEN', '~', MAX_EVENTS, '*', 'event', event, 'attempt', job.attempt,
    'data', data and cjson.encode(data) or '{}')
  redis.call('PUBLISH', K.events .. id, event)
end

-- Into the queue, or behind a delay: `due` then brings it back. Needs 'order' and 'queueTimeoutMs'.
local function enqueue(id, job, delayMs, lookMs)
  -- In hand too: what comes after must not go by the time limit of the wait before.
  job.queueDeadline = now + delayMs + job.queueTimeoutMs
  redis.call('HSET', K.job .. id, 'status', 'queued', 'queuedAt', now, 'queueDeadline', job.queueDeadline)
  redis.call('HDEL', K.job .. id, 'leaseUntil', 'nonce', 'progressValue', 'progressMessage')
  if delayMs > 0 then
    redis.call('HSET', K.job .. id, 'notBefore', now + delayMs)
    redis.call('ZADD', K.due, now + delayMs, id)
  else
    redis.call('HDEL', K.job .. id, 'notBefore')
    redis.call('ZADD', K.waiting .. job.pool, job.order, id)
    redis.call('ZADD', K.due, now + lookMs, id)
  end
end

-- A delivery for an event that the job's webhook asks for. It appears together with the change that it tells of; who finds it
-- in `webhooksDue` sends it. The newest are kept, of a job that is run again without end.
local MAX_WEBHOOKS = 100
local function notifyWebhook(id, job, event)
  if not job.webhook then return end
  local wanted = false
  for _, each in ipairs(cjson.decode(job.webhook).events) do wanted = wanted or each == event end
  if not wanted then return end
  local number = redis.call('HINCRBY', K.webhooks .. id, 'last', 1)
  redis.call('HSET', K.webhooks .. id, number, cjson.encode({ event = event, at = now, status = 'pending', tries = 0 }))
  redis.call('ZADD', K.webhooksDue, now, id .. '-' .. number)
  local oldest = number - MAX_WEBHOOKS
  if oldest > 0 then
    redis.call('HDEL', K.webhooks .. id, oldest)
    redis.call('ZREM', K.webhooksDue, id .. '-' .. oldest)
  end
end

-- The job and the number that a delivery's name is made of.
local function partsOf(delivery)
  return string.match(delivery, '^(.*)%-(%d+)$')
end

-- @return whether there were any.
local function forgetWebhooks(id)
  for _, number in ipairs(redis.call('HKEYS', K.webhooks .. id)) do
    redis.call('ZREM', K.webhooksDue, id .. '-' .. number)
  end
  return redis.call('DEL', K.webhooks .. id) == 1
end

-- The only way into a final state. `data` goes with its event.
local function finish(id, job, status, fields, data)
  redis.call('ZREM', K.due, id)
  redis.call('ZREM', K.waiting .. job.pool, id)
  if redis.call('HINCRBY', K.pending, job.owner, -1) <= 0 then redis.call('HDEL', K.pending, job.owner) end
  local expiresAt = now + job.ttlMs
  redis.call('HSET', K.job .. id, 'status', status, 'finishedAt', now, 'expiresAt', expiresAt, 'finalAttempt', job.attempt,
    unpack(fields))
  redis.call('HDEL', K.job .. id, 'leaseUntil', 'runDeadline', 'nonce', 'token', 'notBefore', 'swapNonce', 'swapJob')
  redis.call('ZADD', K.finished, expiresAt, id)
  redis.call('ZADD', K.sizes, job.bytes, id)
  emit(id, job, status, data)
  redis.call('PEXPIREAT', K.job .. id, expiresAt + NET_MS)
  redis.call('PEXPIREAT', K.events .. id, expiresAt + NET_MS)
  notifyWebhook(id, job, status)
  if job.webhook then redis.call('PEXPIREAT', K.webhooks .. id, expiresAt + NET_MS) end
  count(job, status)
  redis.call('PUBLISH', K.finishedChannel, id)
end

local function finishFailed(id, job, code, message, retryable)
  finish(id, job, 'failed', {
    'errorCode', code, 'errorMessage', message, 'errorRetryable', retryable,
    'resultHash', code .. ' ' .. message,
  }, { error = { code = code, message = message, retryable = retryable == '1' } })
end

-- Ends an unfinished job that has no right to another run; false where it has. Needs 'queueDeadline'.
local function failIfSpent(id, job)
  if job.status == 'queued' and job.queueDeadline <= now then
    finishFailed(id, job, 'queue-timeout', 'waited longer than its queue time limit', '1')
    return 'queue-timeout'
  end
  if job.tries >= job.maxAttempts then
    finishFailed(id, job, 'attempts-exhausted', 'its worker was lost ' .. job.tries .. ' times', '1')
    return 'attempts-exhausted'
  end
  return false
end

-- Keeps the moving average of run times (weight 0.2 for the newest) that ETA, prefetch and scaler read.
local function learnServiceTime(job)
  if job.startedAt == 0 then return end
  local took = math.max(1, now - job.startedAt)
  local before = tonumber(redis.call('HGET', K.pool .. job.pool, 'serviceMs') or took)
  redis.call('HSET', K.pool .. job.pool, 'serviceMs', before + 0.2 * (took - before))
end

-- Stores an output and makes it the job's result; one without a payload was staged before.
local function finishDone(id, job, result)
  local keptUntil = now + job.ttlMs + NET_MS
  local size
  if result.payload then
    size = #result.payload
    redis.call('SET', K.output .. id, result.payload, 'PXAT', keptUntil)
  else
    redis.call('RENAME', K.staged .. id .. ':' .. job.attempt, K.output .. id)
    redis.call('PEXPIREAT', K.output .. id, keptUntil)
    size = redis.call('STRLEN', K.output .. id)
  end
  job.bytes = job.bytes + size
  redis.call('INCRBY', K.usedBytes, size)
  learnServiceTime(job)
  finish(id, job, 'done', {
    'outputBytes', result.bytes, 'outputMediaType', result.mediaType, 'outputEncoding', result.encoding,
    'resultHash', result.hash, 'progressValue', 1, 'bytes', job.bytes,
  }, { outputBytes = tonumber(result.bytes), outputMediaType = result.mediaType })
end
