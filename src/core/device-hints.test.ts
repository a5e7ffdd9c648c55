import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { hintsFor } from './device-hints.ts'

describe('hints for a maker', () => {
  it('are found by the name in the register of hardware addresses', () => {
    const named = {
      'RICOH COMPANY,LTD.': 'Ricoh',
      'SEIKO EPSON CORPORATION': 'Epson',
      'KYOCERA Display Corporation': 'Kyocera',
      'KONICA MINOLTA HOLDINGS, INC.': 'Konica Minolta',
      'Brother industries, LTD.': 'Brother',
      'Hewlett Packard': 'HP',
    }
    for (const [maker, name] of Object.entries(named)) assert.equal(hintsFor(maker)?.maker, name, maker)
  })

  it('are those of the longer name where two fit', () => {
    assert.equal(hintsFor('Fuji Xerox Co., Ltd')?.maker, 'Fuji Xerox')
    assert.equal(hintsFor('XEROX CORPORATION')?.maker, 'Xerox')
    assert.equal(hintsFor('Hewlett Packard Enterprise')?.maker, 'HPE iLO')
  })

  it('are none where nothing is known', () => {
    assert.equal(hintsFor('Raspberry Pi Trading Ltd'), undefined)
    assert.equal(hintsFor(''), undefined)
  })
})
