import { arrangeAtStart } from './network-arranger.ts'
import { NetworkTrial } from './network-trial.ts'
import type { NetworkWorld } from './network-world.ts'

/** What systemd asks by itself: `network-start` before systemd-networkd, `network-undo` when a trial is over. */
const errands = ['network-start', 'network-undo'] as const
type NetworkErrand = (typeof errands)[number]

export const isNetworkErrand = (text: string): text is NetworkErrand => errands.some((each) => each === text)

export async function runNetworkErrand(errand: NetworkErrand, world: NetworkWorld): Promise<void> {
  const trial = new NetworkTrial(world)
  if (errand === 'network-undo') return trial.undoWhatIsDue()
  // Not at a start of the machine, but at an upgrade of the package.
  if (trial.running()) return
  const kept = trial.kept()
  if (kept !== null) await arrangeAtStart(kept, trial.keptLinks(), world)
}
