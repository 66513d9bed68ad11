// The values that a text may have, for `kubectl explain` and for editors. The server's own check is validation's, which says more.

const protocols = ['SCTP', 'TCP', 'UDP'];
const pullPolicies = ['Always', 'IfNotPresent', 'Never'];
const terminationMessagePolicies = ['FallbackToLogsOnError', 'File'];
const profileTypes = ['Localhost', 'RuntimeDefault', 'Unconfined'];
const taintEffects = ['NoExecute', 'NoSchedule', 'PreferNoSchedule'];
const trafficPolicies = ['Cluster', 'Local'];

/** By Go's name of the struct and the member. */
const enums: ReadonlyMap<string, readonly string[]> = new Map([
  ['AppArmorProfile.type', profileTypes],
  ['Container.imagePullPolicy', pullPolicies],
  ['Container.terminationMessagePolicy', terminationMessagePolicies],
  ['ContainerPort.protocol', protocols],
  ['DeploymentStrategy.type', ['Recreate', 'RollingUpdate']],
  ['EndpointPort.protocol', protocols],
  ['EndpointSlice.addressType', ['FQDN', 'IPv4', 'IPv6']],
  ['EphemeralContainer.imagePullPolicy', pullPolicies],
  ['EphemeralContainer.terminationMessagePolicy', terminationMessagePolicies],
  ['HTTPGetAction.scheme', ['HTTP', 'HTTPS']],
  ['HTTPIngressPath.pathType', ['Exact', 'ImplementationSpecific', 'Prefix']],
  ['ImageVolumeSource.pullPolicy', pullPolicies],
  ['IngressPortStatus.protocol', protocols],
  ['NamespaceStatus.phase', ['Active', 'Terminating']],
  ['NodeSelectorRequirement.operator', ['DoesNotExist', 'Exists', 'Gt', 'In', 'Lt', 'NotIn']],
  ['NodeStatus.phase', ['Pending', 'Running', 'Terminated']],
  ['PodSecurityContext.fsGroupChangePolicy', ['Always', 'OnRootMismatch']],
  ['PodSecurityContext.supplementalGroupsPolicy', ['Merge', 'Strict']],
  ['PodSpec.dnsPolicy', ['ClusterFirst', 'ClusterFirstWithHostNet', 'Default', 'None']],
  ['PodSpec.preemptionPolicy', ['Never', 'PreemptLowerPriority']],
  ['PodSpec.restartPolicy', ['Always', 'Never', 'OnFailure']],
  ['PodStatus.phase', ['Failed', 'Pending', 'Running', 'Succeeded', 'Unknown']],
  ['PodStatus.qosClass', ['BestEffort', 'Burstable', 'Guaranteed']],
  ['PortStatus.protocol', protocols],
  ['SeccompProfile.type', profileTypes],
  ['SecurityContext.procMount', ['Default', 'Unmasked']],
  ['ServicePort.protocol', protocols],
  ['ServiceSpec.externalTrafficPolicy', trafficPolicies],
  ['ServiceSpec.internalTrafficPolicy', trafficPolicies],
  ['ServiceSpec.ipFamilyPolicy', ['PreferDualStack', 'RequireDualStack', 'SingleStack']],
  ['ServiceSpec.sessionAffinity', ['ClientIP', 'None']],
  ['ServiceSpec.type', ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort']],
  ['Taint.effect', taintEffects],
  ['Toleration.effect', taintEffects],
  ['Toleration.operator', ['Equal', 'Exists', 'Gt', 'Lt']],
  ['TopologySpreadConstraint.nodeAffinityPolicy', ['Honor', 'Ignore']],
  ['TopologySpreadConstraint.nodeTaintsPolicy', ['Honor', 'Ignore']],
  ['TopologySpreadConstraint.whenUnsatisfiable', ['DoNotSchedule', 'ScheduleAnyway']],
  ['VolumeMount.mountPropagation', ['Bidirectional', 'HostToContainer', 'None']],
]);

/** All of them, as `Struct.member`. */
export const enumeratedFields: readonly string[] = [...enums.keys()];

/** What a member may say, sorted; undefined when anything. */
export function enumOf(goName: string, member: string): readonly string[] | undefined {
  return enums.get(`${goName}.${member}`);
}
