import { createHash } from 'node:crypto';

/**
 * What the store keeps in Redis, all under one prefix in braces, which makes it one hash slot:
 *
 *   meta         hash: format, store, run (the server's run id and the store's), revision, token, lease_*, last event, seals
 *   values       hash: key → "<revision>:<JSON>"
 *   keys         sorted set of the keys, all of score 0, so that a prefix is a range of bytes
 *   events       hash: sequence → [atMs, group, kind, subject, reason, message]
 *   event-index  sorted set of "<group>\0<sequence, 16 digits>", and of the same under the name "\1" for all groups
 *   changes      stream, capped: one entry a commit, its id the revision; `p` is the revision before it
 *   commit:<id>  revision of a commit, for a minute: a commit whose answer was lost is repeated by its id
 *
 * Each step is one script, so it is atomic. Every call names the run, which is one life of one server with one store:
 * after a restart or a failover the first to arrive seals the history (see `seal`) before anything else is written, and
 * who still means a store that was wiped is refused, also when somebody else has begun another one in its place. While a
 * store is loaded its run has a mark, by which all are refused but who loads it.
 */
export const keyNames = ['meta', 'values', 'keys', 'events', 'event-index', 'changes'] as const;

const clock = `
local function now_ms()
  local t = redis.call('TIME')
  return tonumber(t[1]) * 1000 + math.floor(tonumber(t[2]) / 1000)
end
local function digits(n) return string.format('%.0f', n) end
`;

/** Refuses a write on a history that was not sealed, and one that comes after its sender gave it up. */
const guard = `
local now = now_ms()
if redis.call('HGET', KEYS[1], 'run') ~= ARGV[1] then return {digits(now), 'unsealed'} end
if now > tonumber(ARGV[2]) then return {digits(now), 'late'} end
`;

/** Reads too: a server that was emptied must not be taken for a store that has nothing. */
const readGuard = `
if redis.call('HGET', KEYS[1], 'run') ~= ARGV[1] then return {'unsealed'} end
`;

const sources = {
  /**
   * ARGV: the server's run id, id for a new store, how long a new store gives out no lease, format, '1' for who loads the store.
   *
   * Creates the store, or begins a new stretch of its history when the server was restarted or another one was promoted:
   * commits may have been lost then, so revisions and numbers of events jump above all that may have been given out, and
   * a lease runs for its whole time again, because its holder may have renewed it since.
   */
  seal: `${clock}
local now = now_ms()
local meta = redis.call('HMGET', KEYS[1], 'format', 'run', 'revision', 'lease_ttl', 'store')
local isLoadable = meta[1] == 'loading' and ARGV[5] == '1'
if meta[1] and meta[1] ~= ARGV[4] and not isLoadable then return {digits(now), 'format', meta[1]} end
local run = ARGV[1] .. ' ' .. (meta[5] or ARGV[2]) .. (isLoadable and ' loading' or '')
if meta[2] ~= run then
  local kept = tonumber(meta[3] or 0)
  local revision = digits(math.max(kept + 1048576, now))
  if not meta[1] then
    if redis.call('EXISTS', unpack(KEYS)) > 0 then return {digits(now), 'torn'} end
    redis.call('HSET', KEYS[1], 'format', ARGV[4], 'store', ARGV[2], 'token', '0', 'last', '0',
      'seals', '[]', 'lease_holder', '(nobody yet: the store is new)', 'lease_token', 'none', 'lease_ttl', ARGV[3], 'lease_until', digits(now + tonumber(ARGV[3])))
  else
    local seals = cjson.decode(redis.call('HGET', KEYS[1], 'seals'))
    seals[#seals + 1] = {digits(kept), revision}
    while #seals > 16 do table.remove(seals, 1) end
    redis.call('HSET', KEYS[1], 'seals', cjson.encode(seals))
    redis.call('HINCRBY', KEYS[1], 'last', 1048576)
    if tonumber(redis.call('HGET', KEYS[1], 'lease_until')) > 0 then
      redis.call('HSET', KEYS[1], 'lease_until', digits(now + tonumber(meta[4])))
    end
  end
  redis.call('HSET', KEYS[1], 'run', run, 'revision', revision)
  redis.call('XADD', KEYS[6], revision .. '-0', 'p', digits(kept), 'k', '[]', 'e', '1')
end
local head = redis.call('HMGET', KEYS[1], 'store', 'revision', 'token', 'seals')
return {digits(now), 'ok', head[1], head[2], head[3], head[4], run}`,

  /** ARGV: run, not after, token or '', kept changes, writes, events; 3 a write: key, revision or '', value or ''; 2 an event: group, JSON. KEYS[7]: the commit's own. */
  commit: `${clock}${guard}
local done = redis.call('GET', KEYS[7])
if done then
  redis.call('SET', KEYS[7], done, 'PX', 60000)
  return {digits(now), 'committed', done}
end
local meta = redis.call('HMGET', KEYS[1], 'revision', 'token', 'last')
if ARGV[3] ~= '' and ARGV[3] ~= meta[2] then return {digits(now), 'fenced', meta[2]} end
local writes, events = tonumber(ARGV[5]), tonumber(ARGV[6])
for at = 7, 4 + 3 * writes, 3 do
  if ARGV[at + 1] ~= '' then
    local stored = redis.call('HGET', KEYS[2], ARGV[at])
    local current = stored and string.match(stored, '^%d+') or '0'
    if current ~= ARGV[at + 1] then return {digits(now), 'conflict', ARGV[at]} end
  end
end
local revision = digits(tonumber(meta[1]) + 1)
local changed = {}
for at = 7, 4 + 3 * writes, 3 do
  local key, value = ARGV[at], ARGV[at + 2]
  local isChanged = true
  if value == '' then
    isChanged = redis.call('HDEL', KEYS[2], key) == 1
    redis.call('ZREM', KEYS[3], key)
  else
    redis.call('HSET', KEYS[2], key, revision .. ':' .. value)
    redis.call('ZADD', KEYS[3], 0, key)
  end
  if isChanged then changed[#changed + 1] = key end
end
local last = tonumber(meta[3])
for at = 7 + 3 * writes, 5 + 3 * writes + 2 * events, 2 do
  last = last + 1
  redis.call('HSET', KEYS[4], digits(last), ARGV[at + 1])
  local suffix = '\\0' .. string.format('%016.0f', last)
  redis.call('ZADD', KEYS[5], 0, ARGV[at] .. suffix, 0, '\\1' .. suffix)
end
redis.call('HSET', KEYS[1], 'revision', revision, 'last', digits(last))
redis.call('SET', KEYS[7], revision, 'PX', 60000)
redis.call('XADD', KEYS[6], 'MAXLEN', '~', ARGV[4], revision .. '-0', 'p', meta[1],
  'k', #changed > 0 and cjson.encode(changed) or '[]', 'e', tostring(events))
return {digits(now), 'committed', revision}`,

  /** ARGV: run, key. */
  get: `${readGuard}
return {'ok', redis.call('HGET', KEYS[2], ARGV[2])}`,

  /** ARGV: run. A new store gives out no lease at first, which is nobody's. */
  leaseHolder: `${clock}${readGuard}
local lease = redis.call('HMGET', KEYS[1], 'lease_until', 'lease_token', 'lease_holder')
local isHeld = lease[1] and tonumber(lease[1]) > now_ms() and lease[2] ~= 'none'
return {'ok', isHeld and lease[3] or ''}`,

  /** ARGV: run. */
  head: `${readGuard}
local head = redis.call('HMGET', KEYS[1], 'store', 'revision', 'token', 'seals', 'last')
return {'ok', head[1], head[2], head[3], head[4], head[5]}`,

  /** ARGV: run. */
  listKeys: `${readGuard}
local found = redis.call('ZRANGE', KEYS[3], 0, -1)
table.insert(found, 1, 'ok')
return found`,

  /** ARGV: run, prefix. */
  list: `${readGuard}
local first, last = '[' .. ARGV[2], '(' .. ARGV[2] .. '\\255'
if ARGV[2] == '' then first, last = '-', '+' end
local keys = redis.call('ZRANGEBYLEX', KEYS[3], first, last)
local found = {'ok'}
for from = 1, #keys, 1000 do
  local chunk = {unpack(keys, from, math.min(from + 999, #keys))}
  local values = redis.call('HMGET', KEYS[2], unpack(chunk))
  for at, key in ipairs(chunk) do
    found[#found + 1] = key
    found[#found + 1] = values[at]
  end
end
return found`,

  /** ARGV: run, after, limit, '1' for one group only, group. */
  readEvents: `${readGuard}
local group = (ARGV[4] ~= '' and ARGV[5] or '\\1') .. '\\0'
local after = string.format('%016.0f', tonumber(ARGV[2]))
local sequences = redis.call('ZRANGEBYLEX', KEYS[5], '(' .. group .. after, '(' .. group .. '\\255', 'LIMIT', 0, tonumber(ARGV[3]))
for at, member in ipairs(sequences) do sequences[at] = string.format('%.0f', tonumber(string.sub(member, -16))) end
local found = {'ok'}
for from = 1, #sequences, 1000 do
  local chunk = {unpack(sequences, from, math.min(from + 999, #sequences))}
  local bodies = redis.call('HMGET', KEYS[4], unpack(chunk))
  for at, sequence in ipairs(chunk) do
    found[#found + 1] = sequence
    found[#found + 1] = bodies[at]
  end
end
return found`,

  /**
   * ARGV: run, not after, how many are kept, oldest time. Drops at most 1,000, and says whether more have to go.
   *
   * Not by cjson: it refuses half a character, with which a text may end that was cut, and nothing would be dropped again.
   */
  pruneEvents: `${clock}${guard}
local surplus = redis.call('ZLEXCOUNT', KEYS[5], '[\\1\\0', '(\\1\\0\\255') - tonumber(ARGV[3])
local oldest, dropped = tonumber(ARGV[4]), 0
for at, member in ipairs(redis.call('ZRANGEBYLEX', KEYS[5], '[\\1\\0', '(\\1\\0\\255', 'LIMIT', 0, 1000)) do
  local padded = string.sub(member, -16)
  local sequence = string.format('%.0f', tonumber(padded))
  local at_ms, group = string.match(redis.call('HGET', KEYS[4], sequence), '^%[([^,]+),"([^"]*)"')
  if at > surplus and tonumber(at_ms) >= oldest then break end
  redis.call('HDEL', KEYS[4], sequence)
  redis.call('ZREM', KEYS[5], member, group .. '\\0' .. padded)
  dropped = at
end
return {digits(now), dropped == 1000 and 'more' or 'done'}`,

  /** ARGV: run, not after, request id, holder, ttl, token at least, own token or ''. */
  acquireLease: `${clock}${guard}
local meta = redis.call('HMGET', KEYS[1], 'token', 'lease_until', 'lease_token', 'lease_holder', 'lease_request')
local isRunning = tonumber(meta[2]) > now
if isRunning and meta[5] == ARGV[3] then
  redis.call('HSET', KEYS[1], 'lease_request', ARGV[3])
  return {digits(now), 'held', meta[3]}
end
if isRunning and meta[3] ~= ARGV[7] then return {digits(now), 'taken', meta[4], digits(tonumber(meta[2]) - now)} end
local token = digits(math.max(tonumber(meta[1]) + 1, tonumber(ARGV[6])))
redis.call('HSET', KEYS[1], 'token', token, 'lease_token', token, 'lease_holder', ARGV[4], 'lease_ttl', ARGV[5],
  'lease_until', digits(now + tonumber(ARGV[5])), 'lease_request', ARGV[3])
return {digits(now), 'held', token}`,

  /** ARGV: run, not after, token, ttl. */
  renewLease: `${clock}${guard}
local meta = redis.call('HMGET', KEYS[1], 'token', 'lease_until', 'lease_token')
if meta[1] ~= ARGV[3] or meta[3] ~= ARGV[3] or tonumber(meta[2]) <= now then return {digits(now), 'over'} end
redis.call('HSET', KEYS[1], 'lease_ttl', ARGV[4], 'lease_until', digits(now + tonumber(ARGV[4])))
return {digits(now), 'renewed'}`,

  /** ARGV: run, not after, token. */
  releaseLease: `${clock}${guard}
if redis.call('HGET', KEYS[1], 'lease_token') == ARGV[3] then redis.call('HSET', KEYS[1], 'lease_until', '0') end
return {digits(now), 'released'}`,

  /** ARGV: run. From here on nobody else opens the store, or reads it, or writes. Returns the run of who loads it. */
  beginLoad: `${readGuard}
local run = string.match(ARGV[1], '^%S+ %S+') .. ' loading'
redis.call('HSET', KEYS[1], 'format', 'loading', 'run', run)
redis.call('DEL', KEYS[2], KEYS[3], KEYS[4], KEYS[5])
return {'ok', run}`,

  /** ARGV: run, store id, revision, token, last event, revision of the dump. */
  endLoad: `${readGuard}
local revision = string.format('%.0f', math.max(tonumber(ARGV[3]), tonumber(redis.call('HGET', KEYS[1], 'revision')) + 1))
redis.call('HSET', KEYS[1], 'format', '1', 'store', ARGV[2], 'run', string.match(ARGV[1], '^%S+') .. ' ' .. ARGV[2],
  'revision', revision, 'token', ARGV[4],
  'last', ARGV[5], 'seals', cjson.encode({{ARGV[6], revision}}))
redis.call('XADD', KEYS[6], revision .. '-0', 'p', ARGV[6], 'k', '[]', 'e', '1')
return {'ok', revision}`,
} as const;

export type ScriptName = keyof typeof sources;

/** Every script with the hash by which Redis keeps it. */
export const scripts = Object.fromEntries(
  Object.entries(sources).map(([name, text]) => [name, { text, sha: createHash('sha1').update(text).digest('hex') }]),
) as unknown as Readonly<Record<ScriptName, { readonly text: string; readonly sha: string }>>;
