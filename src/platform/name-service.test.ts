import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { type DnsMood, startDns, type Zone } from '../health/doctor/dns-server.fixture.ts'
import { DnsNames } from './name-service.ts'

const zone: Zone = {
  'A smtp.contoso.com': ['192.0.2.1', '192.0.2.2'],
  'TXT contoso.com': [`v=spf1 ${'ip4:192.0.2.1 '.repeat(20)}-all`, 'other'],
  'CNAME www.contoso.com': ['web.contoso.com'],
  'MX contoso.com': ['20 second.contoso.com', '10 First.contoso.com'],
}
const patient = new AbortController().signal

/** Asks a server in this mood one question. */
async function ask<T>(mood: DnsMood, question: (names: DnsNames) => Promise<T>): Promise<T> {
  await using dns = await startDns(zone, mood)
  return await question(new DnsNames({ servers: [dns.server], hostsFile: '/dev/null' }))
}

describe('names', () => {
  it('have their addresses, texts in one piece, aliases and mail hosts by preference', async () => {
    const answers = await ask('honest', (names) =>
      Promise.all([
        names.addresses('smtp.contoso.com', patient),
        names.texts('contoso.com', patient),
        names.aliases('www.contoso.com', patient),
        names.mailHosts('contoso.com', patient),
      ]),
    )
    assert.deepEqual(answers, [
      { kind: 'found', values: ['192.0.2.1', '192.0.2.2'] },
      { kind: 'found', values: zone['TXT contoso.com'] },
      { kind: 'found', values: ['web.contoso.com'] },
      {
        kind: 'found',
        values: [
          { host: 'first.contoso.com', preference: 10 },
          { host: 'second.contoso.com', preference: 20 },
        ],
      },
    ])
  })

  it('that are not there are told from names without such a record', async () => {
    assert.deepEqual(await ask('honest', (names) => names.addresses('nowhere.contoso.com', patient)), {
      kind: 'no-name',
    })
    assert.deepEqual(await ask('honest', (names) => names.texts('smtp.contoso.com', patient)), {
      kind: 'no-record',
    })
  })

  it('of a server that fails are told from those of a silent one', async () => {
    assert.deepEqual(await ask('servfail', (names) => names.texts('contoso.com', patient)), {
      kind: 'failed',
      code: 'SERVFAIL',
    })
    const silent = await ask('silent', (names) => names.texts('contoso.com', patient))
    assert.deepEqual(silent, { kind: 'silent', code: 'ETIMEOUT' })
  })

  it('are given up when the signal says so', async () => {
    const hurry = new AbortController()
    const asking = ask('silent', async (names) => {
      const answer = names.texts('contoso.com', hurry.signal)
      hurry.abort()
      return answer
    })
    assert.deepEqual(await asking, { kind: 'silent', code: 'ECANCELLED' })
    assert.deepEqual(await ask('honest', (names) => names.texts('contoso.com', hurry.signal)), {
      kind: 'silent',
      code: 'ECANCELLED',
    })
  })

  it('that are addresses, or stand in the hosts file, ask nobody', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'inkpost-hosts-'))
    const hostsFile = join(folder, 'hosts')
    writeFileSync(hostsFile, '# relay\n192.0.2.9 Relay.contoso.com relay # mine\n')
    await using dns = await startDns(zone)
    const names = new DnsNames({ servers: [dns.server], hostsFile })
    assert.deepEqual(await names.addresses('::1', patient), { kind: 'found', values: ['::1'] })
    assert.deepEqual(await names.addresses('relay.contoso.com', patient), {
      kind: 'found',
      values: ['192.0.2.9'],
    })
    assert.deepEqual(dns.asked, [])
    assert.deepEqual(names.servers(), [dns.server])
    rmSync(folder, { recursive: true })
  })
})
