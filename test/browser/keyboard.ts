// A person who works by keys alone, as long as they can see where they are.
import assert from 'node:assert/strict'
import type { Locator, Page } from 'playwright-core'

export interface Keyboard {
  /** Goes on with Tab until the focus is there, and can be seen. */
  readonly reach: (target: Locator) => Promise<void>
  /** Reaches it and presses Enter. */
  readonly enter: (target: Locator) => Promise<void>
  /** Reaches it and types in the place of what stands there. */
  readonly type: (target: Locator, text: string) => Promise<void>
  readonly press: (key: string) => Promise<void>
}

const mostPresses = 80

export function keyboardOf(page: Page): Keyboard {
  const press = (key: string) => page.keyboard.press(key)
  const reach = async (target: Locator) => {
    await target.waitFor()
    for (let presses = 0; presses < mostPresses; presses += 1) {
      if (await target.evaluate((element) => element.matches(':focus-visible'))) return
      await press('Tab')
    }
    assert.fail(`${target} can not be reached by Tab`)
  }
  return {
    reach,
    press,
    async enter(target) {
      await reach(target)
      await press('Enter')
    },
    async type(target, text) {
      await reach(target)
      await press('Control+A')
      await page.keyboard.type(text)
    },
  }
}
