// Walks through the API with the generated client, and fails on whatever is not as it should be.
// Node.js trusts the certificate of the server because NODE_EXTRA_CA_CERTS names it.
import assert from 'node:assert/strict'
import { createWriteStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { createClient } from '../generated/client/index.js'
import * as sps from '../generated/index.js'

const { SPS_URL, SPS_USER, SPS_PASSWORD, SPS_TRAIL } = process.env
assert(SPS_URL && SPS_USER && SPS_PASSWORD && SPS_TRAIL, 'SPS_URL, SPS_USER, SPS_PASSWORD and SPS_TRAIL have to be set')
const key = 'rUhhQZ3jYsY1NDWYp9DEpq'

// A login takes the password, everything else the cookie that it answers with.
let sessionId: string | undefined
const client = createClient({
  baseUrl: SPS_URL,
  auth: ({ type }) => (type === 'http' ? `${SPS_USER}:${SPS_PASSWORD}` : sessionId),
})
const call = { client, throwOnError: true } as const // what is thrown is the ErrorDocument

const login = await sps.createLogin(call)
sessionId = login.response.headers.getSetCookie().map((cookie) => /^session_id=([^;]+)/.exec(cookie)?.[1]).find(Boolean)
assert(sessionId, 'no cookie')
console.log(`logged in for ${login.data.meta.remaining_seconds} s`)

// Search: follow the pages until there is no next one.
const found = new Set<string>()
let pages = 0
for (let offset = 0; ; ) {
  const { data } = await sps.listSessions({
    ...call,
    query: { q: 'protocol:SSH', fields: 'protocol,start_time', limit: 8, offset },
  })
  for (const { key, body } of data.items) {
    assert.equal(body?.protocol, 'SSH')
    found.add(key)
  }
  pages++
  offset += data.items.length
  if (data.meta.next === null) {
    assert.equal(found.size, data.meta.match_count)
    break
  }
}
assert(pages > 1)
console.log(`found ${found.size} sessions on ${pages} pages`)

const { data: session } = await sps.getSession({ ...call, path: { key } })
const { protocol, verdict, start_time, end_time, client: peer } = session.body
assert.deepEqual([protocol, verdict, peer?.ip, peer?.port], ['SSH', 'ACCEPT', '10.20.30.40', 59125])
assert.equal(new Date(start_time).toISOString(), '2018-09-15T10:53:00.000Z')
assert(end_time !== null && session.body.recording?.audit_trail?.archive === null)
console.log(`read the ${protocol} session of ${session.body.user?.name}`)

// The type of a channel says which members it has.
const { data: channels } = await sps.listSessionChannels({ ...call, path: { key: '1' } })
const ports = channels.items.flatMap(({ body }) => (body?.type === 'remote forward' ? [body['connected.port']] : []))
assert.deepEqual(ports, [9898])
console.log(`read ${channels.items.length} channels`)

// A trail can be large, so it goes to the file as it comes.
const trail = await sps.downloadTrail({ ...call, path: { key }, parseAs: 'stream' })
assert(trail.response.body)
await pipeline(trail.response.body, createWriteStream(SPS_TRAIL))
const { size } = await stat(SPS_TRAIL)
assert.equal(size, Number(trail.response.headers.get('Content-Length')))
console.log(`downloaded a trail of ${size} bytes`)

// Change the configuration: nothing takes effect before the commit.
await sps.openTransaction(call)
const { data: before } = await sps.getVncOptions(call)
const options = before.body
assert(options.audit?.timestamping.selection === 'local')
options.audit.timestamping.signing_interval = 60
options.audit.cleanup = { enabled: true, channel_database_cleanup_days: 90 }
options.service.log_level = 6
await sps.replaceVncOptions({ ...call, body: options })
const { data: pending } = await sps.listTransactionChanges(call)
const level = pending.changes?.find((change) => change.path.endsWith('#service/log_level'))
assert(level?.type === 'replace' && level.new_value === 6)
await sps.commitTransaction({ ...call, body: { status: 'commit' } })
const { data: after } = await sps.getVncOptions(call)
assert.deepEqual(after.body, options)
assert.equal((await sps.getTransaction(call)).data.body?.status, 'closed')
console.log(`committed ${pending.changes?.length} changes of the VNC options`)

// Errors are values unless throwOnError is set; the type of one says what it is about.
const missing = await sps.getSession({ client, path: { key: 'nothing' } })
assert(missing.error?.error.type === 'NotFound')
assert.equal(missing.error.error.details?.path, '/api/audit/sessions/nothing')
const { error: bad } = await sps.listSessions({ client, query: { q: 'protocol:(SSH' } })
assert(bad?.error.type === 'InvalidQuery')
assert.equal(bad.error.details?.position, 13)
console.log(`recognised ${missing.error.error.type} and ${bad.error.type}, which expected ${bad.error.details?.expected}`)

await sps.deleteLogin(call)
const { error: late } = await sps.getTransaction({ client })
assert.equal(late?.error.type, 'Unauthenticated')
console.log('logged out')
