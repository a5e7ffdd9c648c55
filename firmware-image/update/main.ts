// `make bundle`: build/inkpost-VERSION.raucb of the slot that `make image` made, and the index that names it.
import { existsSync, readFileSync, statSync } from 'node:fs'
import { makeBundle, writeIndex } from './bundle.ts'
import { signingKeys } from './keys.ts'

const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { readonly version: string }
const slot = 'build/image/slot.ext4'
const out = `build/inkpost-${version}.raucb`

if (!existsSync(slot)) {
  console.error(`${slot} is not there: make image`)
  process.exit(1)
}
const keys = signingKeys(process.env)
const epoch = process.env['SOURCE_DATE_EPOCH']
const built = epoch === undefined ? statSync(slot).mtime : new Date(Number(epoch) * 1000)
makeBundle({ slot, version, built, keys, out })
writeIndex('build/inkpost-latest.json', { out, version })
if (keys.isForDevelopment) console.error('Signed by keys for development: see docs/updates.md')
console.log(out)
