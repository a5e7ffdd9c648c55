import { render } from 'preact'
import { App } from './app.tsx'
import { beginLanguage } from './words/language.ts'
import './style/base.css'
import './style/devices.css'
import './style/home.css'
import './style/layers.css'
import './style/lists.css'
import './style/more.css'
import './style/parts.css'
import './style/sheet.css'
import './style/live.css'
import './style/queue.css'
import './style/states.css'
import './style/wizard.css'
// Last: on paper nothing else decides.
import './style/print.css'

const place = document.getElementById('app')
if (place === null) throw new Error('the page has no place for the console')
try {
  await beginLanguage()
  render(<App />, place)
} catch (error) {
  // Without words there is nothing to say it with but this.
  place.textContent = 'The box does not answer. Load this page again.'
  throw error
}
