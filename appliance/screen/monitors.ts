import type { KernelFiles } from '../../src/platform/kernel-files.ts'

/** Whether somebody may look: a monitor at one of the connectors, or a machine that has none to ask (a serial line, VGA text). */
export async function hasScreen(kernel: KernelFiles): Promise<boolean> {
  const cards = await kernel.folder('sys/class/drm')
  const states = await Promise.all(cards.map((card) => kernel.text(`sys/class/drm/${card}/status`)))
  const connectors = states.filter((state) => state !== undefined)
  return connectors.length === 0 || connectors.includes('connected')
}
