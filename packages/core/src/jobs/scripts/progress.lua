-- PROGRESS: what the holder has to say of its attempt: how far it is, what its task logged and what it streamed.
-- ARGV: id, attempt, token, value, message, text said before this, log text, output text, most text of an attempt
--       (texts counted in bytes)
local id, before, most = ARGV[1], tonumber(ARGV[6]), tonumber(ARGV[9])
local job = load(id, 'progressValue', 'progressMessage', 'said', 'eventBytes')
if job.status ~= 'processing' or not holds(job, ARGV[2], ARGV[3]) then return { 'STALE' } end

if job.progressValue ~= ARGV[4] or job.progressMessage ~= ARGV[5] then
  redis.call('HSET', K.job .. id, 'progressValue', ARGV[4], 'progressMessage', ARGV[5])
  emitCounted(id, job, 'progress', { value = tonumber(ARGV[4]), message = ARGV[5] }, #ARGV[5])
end

local function say(event, text)
  if text == '' or job.said > most then return end
  job.said = job.said + #text
  redis.call('HSET', K.job .. id, 'said', job.said)
  local told = job.said > most and { text = '', truncated = true } or { text = text }
  emitCounted(id, job, event, told, #told.text)
end

-- A worker that had no answer says it again: what was said from there on is known.
if before < job.said then return { 'OK' } end
say('log', ARGV[7])
say('output', ARGV[8])
return { 'OK' }
