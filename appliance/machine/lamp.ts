import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as v from 'valibot'
import type { LampBeats } from '../../src/core/machine.ts'
import { type Duty, DutyRefused, duty } from './duty.ts'

/** The green lamp of a Raspberry Pi, by its names in the device trees of the models. */
const lampNames = ['ACT', 'act', 'led0', 'default-on']
const longestBeatMs = 10_000

const asked = v.strictObject({
  beats: v.union([
    v.picklist(['on', 'off'] as const),
    v.pipe(
      v.array(v.pipe(v.number(), v.integer(), v.minValue(10), v.maxValue(longestBeatMs))),
      v.minLength(2),
      v.maxLength(20),
      v.check((beats) => beats.length % 2 === 0, 'an even number of beats'),
    ),
  ]),
})

/** The lamp of the box, by the kernel's LED class (Documentation/leds/leds-class.rst). */
export const lampDuty = (folder = '/sys/class/leds'): Duty =>
  duty<'lamp'>(asked, async ({ beats }) => {
    const lamp = lampNames.map((name) => join(folder, name)).find((place) => existsSync(place))
    if (!lamp) throw new DutyRefused('this machine has no lamp')
    await show(lamp, beats)
    return {}
  })

async function show(lamp: string, beats: LampBeats): Promise<void> {
  if (typeof beats === 'string') {
    await writeFile(join(lamp, 'trigger'), 'none')
    await writeFile(join(lamp, 'brightness'), beats === 'on' ? await brightest(lamp) : '0')
    return
  }
  if (await knows(lamp, 'pattern')) return showPattern(lamp, beats)
  if (!(await knows(lamp, 'timer')))
    throw new DutyRefused('the kernel of this machine makes no lamp blink: it has no ledtrig-timer loaded')
  // A kernel without ledtrig-pattern can blink evenly: the first two beats are what tells the states apart.
  const [on = 500, off = 500] = beats
  await writeFile(join(lamp, 'trigger'), 'timer')
  await writeFile(join(lamp, 'delay_on'), String(on))
  await writeFile(join(lamp, 'delay_off'), String(off))
}

/** A step without a duration of 0 would be a slope (Documentation/ABI/testing/sysfs-class-led-trigger-pattern). */
async function showPattern(lamp: string, beats: readonly number[]): Promise<void> {
  const on = await brightest(lamp)
  const steps = beats.flatMap((ms, n) => {
    const level = n % 2 === 0 ? on : '0'
    return [`${level} ${ms}`, `${level} 0`]
  })
  await writeFile(join(lamp, 'trigger'), 'pattern')
  await writeFile(join(lamp, 'pattern'), steps.join(' '))
}

const brightest = async (lamp: string): Promise<string> =>
  (await readFile(join(lamp, 'max_brightness'), 'utf8').catch(() => '255')).trim()

const knows = async (lamp: string, trigger: string): Promise<boolean> =>
  (await readFile(join(lamp, 'trigger'), 'utf8').catch(() => '')).split(/[\s[\]]+/).includes(trigger)
