import { dirname } from 'node:path'
import { readCard, type Card } from './card.ts'
import { findFiles, type ModelFiles } from './files.ts'
import type { Assumption } from './infer/source.ts'
import { readGraph, type Graph } from './onnx/graph.ts'

export interface Resolved { card: Card, files: ModelFiles, graph: Graph, sources: string[], assumptions: Assumption[], probe: boolean }

export async function resolveModel (path: string): Promise<Resolved> {
  const files = await findFiles(path)
  const graph = await readGraph(files.model)
  return { files, graph, card: await readCard(dirname(files.model)), sources: ['card.json'], assumptions: [], probe: false }
}
