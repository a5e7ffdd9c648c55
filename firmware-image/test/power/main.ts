// `node firmware-image/test/power/main.ts IMAGE [power] [watchdog]`: these parts of `make image-test` on any image.
import { Checks } from '../../../test/package/checks.ts'
import { powerCuts } from './power-cuts.ts'
import { watchdogs } from './watchdogs.ts'

const parts = { power: powerCuts, watchdog: watchdogs }
const [image, ...asked] = process.argv.slice(2)
if (image === undefined) throw new Error('which image?')
const checks = new Checks()
for (const [name, part] of Object.entries(parts))
  if (asked.length === 0 || asked.includes(name))
    for (const fact of await part(image, checks)) console.log(fact)
process.exitCode = checks.all.every(({ passed }) => passed) ? 0 : 1
