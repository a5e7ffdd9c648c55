import type { DevicePageOperations } from '../core/device-operations.ts'
import type { HomeOperations } from '../core/home.ts'
import type { QueuePageOperations } from '../core/queue-operations.ts'
import type { SetupPageOperations } from '../core/setup-operations.ts'

export type PageOperations = HomeOperations & DevicePageOperations & QueuePageOperations & SetupPageOperations

/** Loaded when somebody looks: a box that only sends mail does without. */
export function lazyPages(load: () => Promise<PageOperations>): PageOperations {
  let loaded: Promise<PageOperations> | undefined
  const pages = (): Promise<PageOperations> => {
    loaded ??= load()
    return loaded
  }
  return {
    home: async () => (await pages()).home(),
    deviceSheet: async (...asked) => (await pages()).deviceSheet(...asked),
    deviceHistory: async (...asked) => (await pages()).deviceHistory(...asked),
    editDevice: async (...asked) => (await pages()).editDevice(...asked),
    raiseLimit: async (...asked) => (await pages()).raiseLimit(...asked),
    replaceDevice: async (...asked) => (await pages()).replaceDevice(...asked),
    printCard: async (...asked) => (await pages()).printCard(...asked),
    boxAddresses: async () => (await pages()).boxAddresses(),
    confirmAddress: async (...asked) => (await pages()).confirmAddress(...asked),
    search: async (...asked) => (await pages()).search(...asked),
    story: async (...asked) => (await pages()).story(...asked),
    drop: async (...asked) => (await pages()).drop(...asked),
    undoDrop: async (...asked) => (await pages()).undoDrop(...asked),
    upstreamSheet: async (...asked) => (await pages()).upstreamSheet(...asked),
    editUpstream: async (...asked) => (await pages()).editUpstream(...asked),
    addUpstream: async (...asked) => (await pages()).addUpstream(...asked),
    removeUpstream: async (...asked) => (await pages()).removeUpstream(...asked),
    settingsSheet: async () => (await pages()).settingsSheet(),
    editSettings: async (...asked) => (await pages()).editSettings(...asked),
  }
}
