import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { DeviceNames } from './device-names.ts'

const swapped = new Map([
  ['Hall', 'Desk'],
  ['Desk', 'Hall'],
])
const settled = () => new Promise((resolve) => setImmediate(resolve))

describe('names of devices', () => {
  it('are followed from when each was known, all at once', () => {
    const names = new DeviceNames()
    const [hall, desk] = [names.follow('Hall'), names.follow('Desk')]
    names.rename(swapped)
    assert.deepEqual([hall(), desk(), names.follow('Hall')()], ['Desk', 'Hall', 'Hall'])
    names.rename(new Map([['Desk', 'Lobby']]))
    assert.deepEqual([hall(), desk()], ['Lobby', 'Hall'])
  })

  it('are written when they are no other device’s any more; a name that was nobody’s at once', async () => {
    const names = new DeviceNames()
    const hall = names.follow('Hall')
    names.rename(swapped)
    const written: (string | undefined)[] = []
    const write = async (name: string | undefined): Promise<void> => void written.push(name)
    const waiting = [
      names.write(hall, write),
      names.writeAll([{ device: 'Hall' }, { device: undefined }], async (rows) => {
        for (const { device } of rows) await write(device)
      }),
    ]
    await names.write(names.follow('Lobby'), write)
    await settled()
    assert.deepEqual(written, ['Lobby'])
    names.settled()
    await Promise.all(waiting)
    assert.deepEqual(written, ['Lobby', 'Desk', 'Hall', undefined])
  })

  it('are quiet when what was begun under old ones is written, also where it fails', async () => {
    const names = new DeviceNames()
    const [good, bad] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const writing = [
      names.write(names.follow('Hall'), () => good.promise),
      assert.rejects(names.write(names.follow('Hall'), () => bad.promise)),
    ]
    let isQuiet = false
    const quiet = names.quiet().then(() => {
      isQuiet = true
    })
    bad.reject(new Error('disk'))
    await settled()
    assert.equal(isQuiet, false)
    good.resolve()
    await Promise.all([quiet, ...writing])
  })
})
