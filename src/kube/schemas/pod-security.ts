// Privileges of containers and pods.
import { atomicList, boolean, field, int64, pointer, required, structOf, text, textOf } from '../schema.ts';
import type { StructSchema } from '../schema.ts';

const capabilities: StructSchema = structOf('v1.Capabilities', {
  add: field(1, atomicList(textOf('v1.Capability'))),
  drop: field(2, atomicList(textOf('v1.Capability'))),
});

export const seLinuxOptions: StructSchema = structOf('v1.SELinuxOptions', {
  user: field(1, text),
  role: field(2, text),
  type: field(3, text),
  level: field(4, text),
});

export const windowsSecurityContextOptions: StructSchema = structOf('v1.WindowsSecurityContextOptions', {
  gmsaCredentialSpecName: pointer(1, text),
  gmsaCredentialSpec: pointer(2, text),
  runAsUserName: pointer(3, text),
  hostProcess: pointer(4, boolean),
});

export const seccompProfile: StructSchema = structOf('v1.SeccompProfile', {
  type: required(1, textOf('v1.SeccompProfileType')),
  localhostProfile: pointer(2, text),
});

export const appArmorProfile: StructSchema = structOf('v1.AppArmorProfile', {
  type: required(1, textOf('v1.AppArmorProfileType')),
  localhostProfile: pointer(2, text),
});

export const securityContext: StructSchema = structOf('v1.SecurityContext', {
  capabilities: field(1, capabilities),
  privileged: pointer(2, boolean),
  seLinuxOptions: field(3, seLinuxOptions),
  windowsOptions: field(10, windowsSecurityContextOptions),
  runAsUser: pointer(4, int64),
  runAsGroup: pointer(8, int64),
  runAsNonRoot: pointer(5, boolean),
  readOnlyRootFilesystem: pointer(6, boolean),
  allowPrivilegeEscalation: pointer(7, boolean),
  procMount: pointer(9, textOf('v1.ProcMountType')),
  seccompProfile: field(11, seccompProfile),
  appArmorProfile: field(12, appArmorProfile),
});
