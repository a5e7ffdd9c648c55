import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { needsMounts, PlayedStorages } from './storages.fixture.ts'
import { UpdateSticks } from './update-sticks.ts'
import { updateWorld } from './update-world.ts'

describe('bundles on a stick', () => {
  it('are found and read to their end, again and again; nothing stays mounted', needsMounts(), async () => {
    using storages = new PlayedStorages()
    const bundle = Buffer.alloc(700_000, 'b')
    storages.card('sda', (folder) => {
      writeFileSync(join(folder, 'inkpost-1.2.0.raucb'), bundle)
      writeFileSync(join(folder, 'holidays.jpg'), 'a picture')
      mkdirSync(join(folder, 'folder.raucb'))
      symlinkSync('/etc/shadow', join(folder, 'link.raucb'))
    })
    const sticks = new UpdateSticks({ ...updateWorld, storages: storages.world })
    const mounted = () => readFileSync('/proc/self/mounts', 'utf8').includes(storages.home)
    for (let time = 0; time < 2; time += 1) {
      assert.deepEqual(await sticks.list(), [
        { storage: 'sda1', model: 'Card Reader', file: 'inkpost-1.2.0.raucb', octets: bundle.length },
      ])
      assert.equal(mounted(), false)
      const file = { storage: 'sda1', file: 'inkpost-1.2.0.raucb' }
      const pieces: Buffer[] = []
      for (let offset = 0; pieces.at(-1)?.length !== 0; offset += pieces.at(-1)?.length ?? 0)
        pieces.push(await sticks.read({ ...file, offset }))
      assert.deepEqual(Buffer.concat(pieces), bundle)
      assert.equal(mounted(), false)
    }
    await assert.rejects(sticks.read({ storage: 'sda1', file: 'link.raucb', offset: 0 }), /is not on sda1/)
    assert.equal(mounted(), false)
  })
})
