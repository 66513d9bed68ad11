// The door of sources/: where objects come from.
export {
  FileSource,
  type FileSourceOptions,
  type FileSourceTimes,
} from './files/file-source.ts';
export { SourcePathError, stdinName } from './files/source-path.ts';
export { compareFailures } from './files/inventory.ts';
export type { DecodeSettings } from './files/load-text.ts';
export {
  type ApiCall,
  type ApiClient,
  type ApiMethod,
  type ApiReply,
  ApiStatusError,
  ApiUnavailableError,
  type ApiWatchFrame,
  expectOk,
} from './kube/api-client.ts';
export type { ClusterConnection } from './kube/cluster-connection.ts';
export { KubeHttpClient, type KubeHttpClientOptions } from './kube/http-client.ts';
export {
  KubeSource,
  type KubeSourceOptions,
  type WatchScope,
} from './kube/kube-source.ts';
export { clusterName } from './kube/object-intake.ts';
export type { ParametersChange } from './kube/parameters-change.ts';
export type { SourceLog } from './kube/source-log.ts';
export type { ResourceMetrics } from './kube/source-metrics.ts';
export { NodeZone } from './kube/node-zone.ts';
export { KubeconfigError } from './kube/kubeconfig-fields.ts';
export { type KubeconfigOptions, loadKubeconfig } from './kube/load-kubeconfig.ts';
export {
  type FileFailure,
  type FileFailureCode,
  type FileLocation,
  type ManifestChange,
  type ObjectChange,
  type RawManifest,
  refOf,
} from './object-change.ts';
