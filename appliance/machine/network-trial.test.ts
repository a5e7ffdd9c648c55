import assert from 'node:assert/strict'
import { existsSync, linkSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { dhcpWish, staticWish } from '../../test/network/box-in-lan.ts'
import { runNetworkErrand } from './network-errands.ts'
import { NetworkTrial } from './network-trial.ts'
import type { NetworkWorld } from './network-world.ts'

const [old, bad] = [staticWish('192.168.7.5/24'), staticWish('10.9.9.9/24')]

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'inkpost-trial-'))
  const port = join(folder, 'links/eth0')
  mkdirSync(port, { recursive: true })
  writeFileSync(join(port, 'type'), '1\n')
})
afterEach(() => rmSync(folder, { recursive: true }))

/** A machine with one cable, whose programs do what the test wants and whose clock it moves. */
function machine() {
  const acts = { at: 1000, onCall: async (_: string): Promise<void> => {} }
  const called: string[] = []
  const world: NetworkWorld = {
    run: join(folder, 'run'),
    state: join(folder, 'state'),
    links: join(folder, 'links'),
    uptime: () => acts.at,
    async call(...words) {
      called.push(words.join(' '))
      await acts.onCall(words.join(' '))
      return ''
    },
  }
  const file = join(world.run, 'systemd/network/05-inkpost-cable.network')
  return {
    acts,
    called,
    world,
    trial: new NetworkTrial(world),
    /** What systemd-networkd would read. */
    inForce: () =>
      existsSync(file) ? (/^Address=(.*)$/m.exec(readFileSync(file, 'utf8'))?.[1] ?? 'dhcp') : '',
  }
}

describe('a trial', () => {
  it('that could not begin is none, and the network is the one of before', async () => {
    for (const failing of ['systemctl restart', 'networkctl reload']) {
      const { acts, trial, inForce, called } = machine()
      await trial.set(old)
      let failures = 1
      acts.onCall = async (line) => {
        if (line.startsWith(failing) && failures-- > 0) throw new Error(`${failing} failed`)
      }
      await assert.rejects(trial.begin('one', bad), new RegExp(`${failing} failed`))
      assert.deepEqual([trial.running(), inForce()], [null, '192.168.7.5/24'])
      assert.equal(called.at(-1), 'systemctl stop inkpost-network-undo.timer')
    }
  })

  it('is not ended by the end of the one before it', async () => {
    const { acts, world, trial } = machine()
    await trial.set(old)
    await trial.begin('first', bad)
    acts.at += 121_000
    let begins = 1
    acts.onCall = async (line) => {
      if (line === 'networkctl reload' && begins-- > 0) await trial.begin('second', dhcpWish)
    }
    await runNetworkErrand('network-undo', world)
    assert.equal(trial.running()?.id, 'second')
  })

  it('is not kept where its end is due: another process may be ending it', async () => {
    const { acts, trial } = machine()
    await trial.set(old)
    await trial.begin('late', bad)
    acts.at += 119_500
    await assert.rejects(trial.keep('late'), /the trial is over/)
    assert.deepEqual(trial.kept(), old)
  })

  it('leaves nothing of what was kept where that is destroyed, and the network as it is', async () => {
    const { world, trial, inForce } = machine()
    const wifi = { ssid: 'office', passphrase: 'correct horse', country: 'DE' }
    await trial.set({ ...old, wifi })
    const [file, beside] = [join(world.state, 'network.json'), join(folder, 'same inode')]
    linkSync(file, beside)
    assert.match(readFileSync(file, 'utf8'), /correct horse/)
    trial.destroyKept()
    assert.equal(existsSync(file), false)
    assert.doesNotMatch(readFileSync(beside, 'latin1'), /correct horse/)
    assert.equal(trial.kept(), null)
    await trial.set(old)
    trial.destroyKept()
    assert.equal(inForce(), '192.168.7.5/24')
  })

  it('goes on over an upgrade of the package, which starts its units anew', async () => {
    const { world, trial, inForce } = machine()
    await trial.set(old)
    await trial.begin('one', bad)
    await runNetworkErrand('network-start', world)
    assert.equal(inForce(), '10.9.9.9/24')
  })
})
