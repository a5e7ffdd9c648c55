import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { exampleStatus } from '../commands/operations-double.fixture.ts'
