// The list for the firewall against the kernel: every connection that the built gateway asks for, by any of its threads and
// children, whoever makes it (Node's own look is in firewall.test.ts).
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { ControlClient } from '../../src/commands/control-client.ts'
import type { Destination } from '../../src/core/destinations.ts'
import { GatewayProcess, temporaryFolder, until } from '../gateway-process.ts'
import { anna, boxOf, senders, startEveryPlace } from './every-place.ts'

/** `connect(23, {sa_family=AF_INET, sin_port=htons(443), …` and what datagrams are sent to. */
const place = /sin6?_port=htons\((\d+)\), .*?"([^"]+)"/g

const tried = spawnSync('strace', ['-f', '-D', '-o', '/dev/null', 'true'], { encoding: 'utf8' })
const needed = tried.status === 0 ? {} : { skip: `strace is forbidden here: ${tried.stderr}` }

describe('what the process of a gateway connects to', needed, () => {
  it('is what the list for the firewall says, and all of it', { timeout: 60_000 }, async () => {
    using folder = temporaryFolder()
    await using places = await startEveryPlace(folder.path)
    const { ways, hook, syslog, queue } = places
    const trace = join(folder.path, 'trace')
    const calls = 'trace=connect,sendto,sendmsg,sendmmsg'
    await using gateway = await GatewayProcess.start(join(folder.path, 'data'), {
      setup: boxOf(ways, '', `webhook = "${hook.url}"\nsyslog = "${syslog.udp}"`),
      under: ['strace', '-D', '-f', '-qq', '--seccomp-bpf', '-o', trace, '-e', calls],
    })
    const operations = new ControlClient(join(gateway.data, 'control.sock'))
    const dialled = (): ReadonlySet<number> =>
      new Set([...readFileSync(trace, 'utf8').matchAll(place)].map(([, port]) => Number(port)))
    for (const name of senders) {
      const sent = await operations.sendThrough(name, anna)
      assert.ok(sent.kind === 'done', JSON.stringify(sent))
      await until(`${name} took it`, async () => {
        const view = await operations.message(sent.message)
        return view?.recipients.every(({ state }) => state === 'accepted' || state === 'confirmed')
      })
    }
    const told = await operations.testAlert('a technician')
    assert.equal(told.kind, 'done', JSON.stringify(told))
    const queuePort = Number(new URL(queue).port)
    await until('the queue of delivery reports is asked', () => dialled().has(queuePort))
    const report = await operations.report('firewall', { month: undefined, upstream: undefined })
    assert.ok(report.kind === 'done')
    const { destinations } = report.data as { readonly destinations: readonly Destination[] }
    // The box looks at its own listeners for an open relay.
    const own = new Set(gateway.ready.listeners.map(({ port }) => port))
    assert.deepEqual(
      [...dialled()].filter((port) => !own.has(port)).toSorted((a, b) => a - b),
      [...new Set(destinations.map(({ port }) => port))].toSorted((a, b) => a - b),
    )
  })
})
