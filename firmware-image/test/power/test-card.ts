// A copy of the image as a person prepares a card: larger than the image, with a setup document on its boot partition.
import { join } from 'node:path'
import { run } from '../../../appliance/package/run.ts'
import { addKernelWords, patience, putOnBoot } from '../card.ts'

/** Some room for the data partition to grow into. */
const cardMebibytes = 2560

export const device = { username: 'front', password: 'seventeen-4711', from: 'front@contoso.com' } as const

/** What is sent stays on the card, with its content: nothing is sent on. The host is 10.0.2.2 to the machine. */
const setup = `schema = 1
[gateway]
name = "branch-07"
sender = "box@contoso.com"
[[device]]
name = "Front desk"
username = "${device.username}"
password = "${device.password}"
addresses = ["10.0.2.2"]
sender = "${device.from}"
max_per_hour = 100000
[[upstream]]
name = "kept"
kind = "outbox"
`

export function prepareCard(image: string, folder: string): string {
  const disk = join(folder, 'card.img')
  run('cp', ['--sparse=always', image, disk])
  run('truncate', ['-s', `${cardMebibytes}M`, disk])
  putOnBoot(disk, { 'inkpost.toml': Buffer.from(setup) })
  addKernelWords(disk, patience)
  return disk
}

export const copyCard = (disk: string, to: string): string => {
  run('cp', ['--sparse=always', disk, to])
  return to
}
