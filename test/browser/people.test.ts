// Operators, roles, passwords, second factors, day passes and tokens, as people meet them.
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { oneTimeCode } from './authenticator.ts'
import { desk, openBrowser, phone, visit } from './browser.ts'
import { operatorPassword, stage, visitClaimed } from './claimed.ts'
import { goTo, signIn, visitAs } from './signed-in.ts'

let browser: Browser
before(async () => {
  browser = await openBrowser()
})
after(() => browser.close())

async function addOperator(page: Page, name: string, role: string, password: string): Promise<void> {
  const form = page.getByRole('form', { name: 'Add an operator' })
  await form.getByLabel('Name').fill(name)
  await form.getByLabel('Role').selectOption(role)
  await form.getByLabel('First password').fill(password)
  await form.getByRole('button', { name: 'Add' }).click()
}

for (const [name, viewport] of [
  ['a phone', phone],
  ['a desk', desk],
] as const)
  describe(`operators, from ${name}`, { timeout: 240_000 }, () => {
    it('are added, given another password and removed', async () => {
      await using here = await stage()
      await using visitor = await visitClaimed(browser, here.box, 'operators', { viewport })
      const { page } = visitor
      await addOperator(page, 'bert', 'technician', 'short')
      await page.getByRole('alert').getByText('at least 10').waitFor()
      await addOperator(page, 'bert', 'technician', 'a first password')
      await page.getByText('bert may sign in.').waitFor()
      const row = page.getByRole('listitem').filter({ hasText: 'bert' })
      await row.getByText('Technician').waitFor()

      await row.getByRole('button', { name: 'New password' }).click()
      await page.getByRole('dialog').getByRole('textbox', { name: 'New password' }).fill('a second password')
      await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click()
      await page.getByText('bert has a new password').waitFor()
      await using other = await visit(browser, here.box.console, { viewport })
      await signIn(other.page, 'bert', 'a second password')

      await row.getByRole('button', { name: 'Remove' }).click()
      await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click()
      await page.getByText('bert is gone.').waitFor()
      assert.deepEqual(
        (await here.box.operations.operators()).map((operator) => operator.name),
        ['anna'],
      )
      await other.page.reload()
      await other.page.getByRole('button', { name: 'Sign in' }).waitFor()
      assert.deepEqual(visitor.troubles, [])
    })

    it('change their own password, and only with the present one', async () => {
      await using here = await stage()
      await using visitor = await visitClaimed(browser, here.box, 'account', { viewport })
      const { page } = visitor
      const change = async (present: string): Promise<void> => {
        await page.getByLabel('Present password').fill(present)
        await page.getByLabel('New password').fill('another long one')
        await page.getByRole('button', { name: 'Change the password' }).click()
      }
      await change('not this one')
      await page.getByText('this is not your present password').waitFor()
      await change(operatorPassword)
      await page.getByText('Your password is another one.').waitFor()
      await page.getByRole('link', { name: 'More' }).first().click()
      await page.getByRole('button', { name: 'Sign out' }).click()
      await signIn(page, 'anna', 'another long one')
      assert.deepEqual(visitor.troubles, [])
    })
  })

describe('roles', { timeout: 240_000 }, () => {
  const hiddenFrom = {
    technician: ['Operators', 'Audit', 'Settings', 'Setup document', 'Backup and restore'],
    viewer: ['Operators', 'Audit', 'Settings', 'Setup document', 'Backup and restore', 'Diagnosis'],
  } as const
  for (const role of ['technician', 'viewer'] as const)
    it(`a ${role} is not offered what the role may not do, and refused where they ask for it`, async () => {
      await using here = await stage(withOutbox)
      await using visitor = await visitAs(browser, here.box, role, 'more')
      const { page } = visitor
      await page.getByRole('link', { name: /^Ways out/ }).waitFor()
      for (const name of hiddenFrom[role])
        assert.equal(await page.getByRole('link', { name: new RegExp(`^${name}`) }).count(), 0, name)
      await goTo(page, 'upstreams/kept')
      await page.getByText('Kept on the box').waitFor()
      assert.equal(await page.getByRole('button', { name: 'Pause' }).count(), 0)
      for (const place of ['operators', 'audit', 'setup', 'backup']) {
        await goTo(page, place)
        await page.getByRole('alert').getByText('this needs the role administrator').first().waitFor()
      }
      assert.deepEqual(visitor.troubles, [])
    })
})

const withOutbox = `schema = 1
[console]
port = 0
[[listener]]
name = "plain"
address = "127.0.0.1"
port = 0
security = "plain"
[[upstream]]
name = "kept"
kind = "outbox"
`

describe('a second factor', { timeout: 240_000 }, () => {
  it('is set up by a code to scan, with recovery codes, and turned off again', async () => {
    await using here = await stage()
    await using visitor = await visitClaimed(browser, here.box, 'account')
    const { page } = visitor
    await page.getByRole('button', { name: 'Turn it on' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('textbox', { name: 'Present password' }).fill(operatorPassword)
    await dialog.getByRole('button', { name: 'Next' }).click()
    await dialog.getByRole('img', { name: 'For an authenticator app' }).waitFor()
    await dialog.getByRole('textbox', { name: 'Code of the app' }).fill('000000')
    await dialog.getByRole('button', { name: 'Turn it on' }).click()
    await dialog.getByRole('alert').waitFor()
    const secret = (await dialog.locator('.secret').innerText()).trim()
    await dialog
      .getByRole('textbox', { name: 'Code of the app' })
      .fill(oneTimeCode(secret, here.clock.wall()))
    await dialog.getByRole('button', { name: 'Turn it on' }).click()
    await dialog.getByRole('heading', { name: 'Recovery codes' }).waitFor()
    assert.ok((await dialog.getByRole('listitem').count()) >= 8)
    await dialog.getByRole('button', { name: 'I have written them down' }).click()
    await page.getByText('On', { exact: true }).waitFor()

    await page.getByRole('button', { name: 'Turn it off' }).click()
    await dialog.getByRole('textbox', { name: 'Present password' }).fill(operatorPassword)
    await dialog.getByRole('button', { name: 'Next' }).click()
    await page.getByText('The password alone signs you in.').waitFor()
    await page.getByText('Off', { exact: true }).waitFor()
    assert.deepEqual(visitor.troubles, [])
  })
})

describe('who comes for a day, and programs', { timeout: 240_000 }, () => {
  it('a day pass signs a technician in by its code, until it is ended', async () => {
    await using here = await stage()
    await using visitor = await visitClaimed(browser, here.box, 'operators')
    const { page } = visitor
    await page.getByLabel('For whom').fill('Toner service')
    const answered = page.waitForResponse((response) => response.url().endsWith('/api/v1/passes'))
    await page.getByRole('button', { name: 'Make a day pass' }).click()
    const { token } = (await (await answered).json()) as { readonly token: string }
    await page.getByRole('img', { name: 'Signs Toner service in' }).waitFor()
    await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click()

    await using guest = await visit(browser, here.box.console)
    await guest.page.goto(`/#/pass/${token}`)
    await guest.page.reload()
    const enter = guest.page.getByRole('main').getByRole('button').first()
    const inside = guest.page.getByRole('navigation', { name: 'Pages' })
    await enter.or(inside).first().waitFor()
    if (!(await inside.isVisible())) await enter.click()
    await inside.waitFor()
    await goTo(guest.page, 'account')
    await guest.page.getByText('You are here with a day pass').waitFor()

    await page.reload()
    await page.getByRole('listitem').filter({ hasText: 'Toner service' }).getByText('At work').waitFor()
    await page.getByRole('button', { name: 'End it' }).click()
    await page.getByText('The pass of Toner service is over.').waitFor()
    await guest.page.reload()
    await guest.page.getByRole('button', { name: 'Sign in' }).waitFor()
  })

  it('a token is shown once, works, and does not once it is taken away', async () => {
    await using here = await stage()
    await using visitor = await visitClaimed(browser, here.box, 'tokens')
    const { page } = visitor
    await page.getByLabel('What for').fill('monitoring')
    await page.getByRole('button', { name: 'Make a token' }).click()
    const dialog = page.getByRole('dialog')
    const token = (await dialog.locator('.secret').innerText()).trim()
    const ask = (): Promise<Response> =>
      fetch(`${here.box.console}/api/v1/status`, { headers: { authorization: `Bearer ${token}` } })
    assert.equal((await ask()).status, 200)
    await dialog.getByRole('button', { name: 'Close' }).click()
    const row = page.getByRole('listitem').filter({ hasText: 'monitoring' })
    await row.getByRole('button', { name: 'Remove' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click()
    await page.getByText('The token monitoring is gone.').waitFor()
    assert.equal((await ask()).status, 401)
    assert.deepEqual(visitor.troubles, [])
  })
})
