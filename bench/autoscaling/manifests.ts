import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { projectFile } from '../../lib/project.ts'
import { Type, type Static, type TSchema } from '../../lib/typebox.ts'
import { Value } from 'typebox/value'
import type { HorizontalPodAutoscaler } from './horizontal-pod-autoscaler.ts'
import { KNATIVE, type Knative } from './knative.ts'

const BehaviourSchema = Type.Object({
  stabilizationWindowSeconds: Type.Number(),
  policies: Type.Array(Type.Object({ type: Type.Union([Type.Literal('Percent'), Type.Literal('Pods')]), value: Type.Number(), periodSeconds: Type.Number() }), { minItems: 1 })
})
const AutoscalerSchema = Type.Object({
  spec: Type.Object({
    minReplicas: Type.Number(),
    maxReplicas: Type.Number(),
    metrics: Type.Array(Type.Object({ resource: Type.Object({ target: Type.Object({ averageUtilization: Type.Number() }) }) }), { minItems: 1 }),
    behavior: Type.Object({ scaleUp: BehaviourSchema, scaleDown: BehaviourSchema })
  })
})
const DeploymentSchema = Type.Object({
  spec: Type.Object({
    template: Type.Object({
      spec: Type.Object({
        containers: Type.Array(Type.Object({ resources: Type.Object({ requests: Type.Object({ cpu: Type.String() }), limits: Type.Object({ cpu: Type.String() }) }) }), { minItems: 1 })
      })
    })
  })
})
const ServiceSchema = Type.Object({
  spec: Type.Object({ predictor: Type.Object({ minReplicas: Type.Number(), maxReplicas: Type.Number(), scaleTarget: Type.Number() }) })
})

/** The settings of deploy/kubernetes/base. */
export function horizontalPodAutoscaler (): HorizontalPodAutoscaler {
  const { spec: { minReplicas, maxReplicas, metrics: [metric], behavior: { scaleUp, scaleDown } } } = read('deploy/kubernetes/base/horizontalpodautoscaler.yaml', AutoscalerSchema)
  return { minReplicas, maxReplicas, targetUtilization: metric!.resource.target.averageUtilization / 100, scaleUp, scaleDown }
}

/** The cores that a pod requests, and may use. */
export function cores (): { requested: number, limit: number } {
  const [container] = read('deploy/kubernetes/base/deployment.yaml', DeploymentSchema).spec.template.spec.containers
  const { requests, limits } = container!.resources
  return { requested: coresOf(requests.cpu), limit: coresOf(limits.cpu) }
}

/** `2` or `500m`. @see https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/#meaning-of-cpu */
function coresOf (quantity: string): number {
  return quantity.endsWith('m') ? Number(quantity.slice(0, -1)) / 1000 : Number(quantity)
}

/** The settings of deploy/kserve/examples/scale-to-zero.yaml. */
export function knative (): Knative {
  const { minReplicas, maxReplicas, scaleTarget } = read('deploy/kserve/examples/scale-to-zero.yaml', ServiceSchema).spec.predictor
  return { ...KNATIVE, minScale: minReplicas, maxScale: maxReplicas, target: scaleTarget }
}

function read<Schema extends TSchema> (path: string, schema: Schema): Static<Schema> {
  return Value.Parse(schema, parse(readFileSync(projectFile(path), 'utf8')))
}
