import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import type { Standing } from '../../src/core/console-session.ts'
import { codeOf, stepAt } from '../../src/settings/one-time-code.ts'
import { plainBox } from '../end-to-end/plain-box.ts'
import { axeInEveryLook, desk, openBrowser, phone, visit } from './browser.ts'
import { claim, operatorName, operatorPassword, stage, visitClaimed } from './claimed.ts'

let browser: Browser
before(async () => {
  browser = await openBrowser()
})
after(() => browser.close())

async function signIn(page: Page, password = operatorPassword): Promise<void> {
  await page.getByLabel('Name').fill(operatorName)
  await page.getByLabel('Password', { exact: true }).fill(password)
  await page.getByRole('button', { name: 'Sign in' }).click()
}

async function signOut(page: Page): Promise<void> {
  await page.getByRole('link', { name: 'More' }).click()
  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.getByRole('heading', { name: 'Sign in to branch-07' }).waitFor()
}

for (const [name, viewport] of [
  ['a phone', phone],
  ['a desk', desk],
] as const)
  describe(`a new box, seen from ${name}`, { timeout: 60_000 }, () => {
    it('is claimed by its code, left, and entered again by name and password', async () => {
      await using here = await stage()
      await using visitor = await visit(browser, here.box.console, { viewport })
      const { page } = visitor
      await page.getByLabel('Claim code').fill('WRONG-CODE')
      await page.getByLabel('Your name').fill(operatorName)
      await page.getByLabel('New password').fill(operatorPassword)
      await page.getByRole('button', { name: 'Make it mine' }).click()
      await page.getByText('the claim code is another one').waitFor()
      const { code } = await here.box.operations.claim()
      await page.getByLabel('Claim code').fill(code.toLowerCase())
      await page.getByRole('button', { name: 'Make it mine' }).click()
      await page.getByRole('navigation', { name: 'Pages' }).waitFor()

      await signOut(page)
      await signIn(page, 'not this one')
      await page.getByText('name or password is wrong').waitFor()
      await signIn(page)
      await page.getByRole('button', { name: 'Sign out' }).waitFor()
      await page.reload()
      await page.getByRole('button', { name: 'Sign out' }).waitFor()
      assert.deepEqual(visitor.troubles, [])
    })
  })

describe('the QR code on the label of a box', { timeout: 60_000 }, () => {
  it('brings the claim code along, and leads on to setting the box up', async () => {
    await using here = await stage()
    await using visitor = await visit(browser, here.box.console)
    await claim(visitor.page, here.box)
    await visitor.page
      .getByRole('heading', { name: 'Where mail goes' })
      .or(visitor.page.getByRole('heading', { name: 'Recovery code' }))
      .waitFor()
    assert.deepEqual(visitor.troubles, [])
  })
})

describe('a keyboard alone', { timeout: 60_000 }, () => {
  it('claims a box and goes on to its pages', async () => {
    await using here = await stage()
    await using visitor = await visit(browser, here.box.console, { viewport: desk })
    const { page } = visitor
    const { code } = await here.box.operations.claim()
    await page.getByLabel('Claim code').waitFor()
    for (const text of [code, operatorName, operatorPassword]) {
      await page.keyboard.press('Tab')
      await page.keyboard.type(text)
    }
    await page.keyboard.press('Enter')
    await page.locator('.wizard-steps, .recovery').first().waitFor()
    await page.goto('/#/home')
    await page.getByRole('link', { name: 'Finish setting up' }).waitFor()
    for (let presses = 0; presses < 20; presses += 1) {
      await page.keyboard.press('Tab')
      if (
        await page.getByRole('link', { name: 'Finish setting up' }).evaluate((link) => link.matches(':focus'))
      )
        break
    }
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Where mail goes' }).waitFor()
  })
})

describe('a box that wants a second factor', { timeout: 60_000 }, () => {
  it('shows a QR code and its text, keeps recovery codes, and takes either afterwards', async () => {
    await using here = await stage(plainBox().replace('[console]', '[console]\nsecond_factor = "all"'))
    await using visitor = await visit(browser, here.box.console)
    const { page } = visitor
    const { code } = await here.box.operations.claim()
    await page.getByLabel('Claim code').fill(code)
    await page.getByLabel('Your name').fill(operatorName)
    await page.getByLabel('New password').fill(operatorPassword)
    await page.getByRole('button', { name: 'Make it mine' }).click()
    await page.getByRole('heading', { name: 'Set up the second step' }).waitFor()
    await page.getByRole('img', { name: 'QR code for the authenticator app' }).waitFor()
    assert.deepEqual(await axeInEveryLook(page), [])

    const secret = octetsOf(await page.locator('code').innerText())
    await page.getByLabel('Code of the app').fill('000000')
    await page.getByRole('button', { name: 'Go on' }).click()
    await page.getByRole('alert').first().waitFor()
    await page.getByLabel('Code of the app').fill(codeOf(secret, stepAt(here.clock.wall())))
    await page.getByRole('button', { name: 'Go on' }).click()
    await page.getByRole('heading', { name: 'Keep these codes' }).waitFor()
    assert.deepEqual(await axeInEveryLook(page), [])
    const [recoveryCode = ''] = await page.locator('.codes li').allInnerTexts()
    await page.getByRole('button', { name: 'I have kept them' }).click()
    await page.getByRole('navigation', { name: 'Pages' }).waitFor()

    await signOut(page)
    await signIn(page)
    await page.getByRole('heading', { name: 'One more step' }).waitFor()
    await page.getByLabel('Code of the app').fill(recoveryCode)
    await page.getByRole('button', { name: 'Go on' }).click()
    await page.getByRole('button', { name: 'Sign out' }).waitFor()
    assert.deepEqual(visitor.troubles, [])
  })
})

describe('a day pass', { timeout: 60_000 }, () => {
  it('lets one technician in by its link, once, and a second one not', async () => {
    await using here = await stage()
    await using admin = await visitClaimed(browser, here.box, 'more')
    const token = await dayPass(admin.page)
    await using guest = await visit(browser, here.box.console)
    await guest.page.goto(`/#/pass/${token}`)
    await guest.page.reload()
    await guest.page.getByRole('heading', { name: 'Day pass for branch-07' }).waitFor()
    assert.deepEqual(await axeInEveryLook(guest.page), [])
    await guest.page.getByRole('button', { name: 'Begin' }).click()
    await guest.page.getByRole('navigation', { name: 'Pages' }).waitFor()

    await using second = await visit(browser, here.box.console)
    await second.page.goto(`/#/pass/${token}`)
    await second.page.reload()
    await second.page.getByRole('button', { name: 'Begin' }).click()
    await second.page.getByText('this link was used already').waitFor()
    assert.deepEqual([...guest.troubles, ...second.troubles], [])
  })
})

describe('the door of the console', { timeout: 60_000 }, () => {
  it('says so where the clock of the box can not be believed', async () => {
    await using here = await stage()
    here.clock.believable = () => false
    await using visitor = await visit(browser, here.box.console)
    await visitor.page.getByText('The clock of the box is not believable').waitFor()
    assert.deepEqual(await axeInEveryLook(visitor.page), [])
  })
})

/** RFC 4648 section 6, as an authenticator app reads it. */
function octetsOf(base32: string): Buffer {
  const bits = [...base32].map((letter) =>
    'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0'),
  )
  const whole = bits.join('').match(/.{8}/g) ?? []
  return Buffer.from(whole.map((eight) => Number.parseInt(eight, 2)))
}

/** As an administrator makes one. */
async function dayPass(page: Page): Promise<string> {
  const made: unknown = await page.evaluate(async () => {
    const standing = (await (await fetch('/api/v1/session')).json()) as Extract<
      Standing,
      { kind: 'signed-in' }
    >
    const response = await fetch('/api/v1/passes', {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'inkpost-proof': standing.me.proof },
      body: JSON.stringify({ guest: 'Ben of the copier company' }),
    })
    return response.json()
  })
  assert.ok(typeof made === 'object' && made !== null && 'token' in made)
  return String(made.token)
}
