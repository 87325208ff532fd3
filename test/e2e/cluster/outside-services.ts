/** RabbitMQ and Redis as somebody else runs them: in another namespace, with TLS alone, and passwords that have to be encoded in URLs. */
import { waitUntil } from '@factorial/core/testing/wait-until';
import { makeCertificates } from './certificates.ts';
import { isReady, podSchema, prepareNamespace } from './release.ts';

const servicesNamespace = 'factorial-e2e-services';
const host = (service: string): string => `${service}.${servicesNamespace}.svc.cluster.local`;

// RabbitMQ's own configuration would take what stands before a colon for a kind of encryption.
const password = 'p@ss/word%+';
const encoded = encodeURIComponent(password);

const rabbitmqConf = `default_user = outside
default_pass = ${password}
listeners.tcp = none
listeners.ssl.default = 5671
ssl_options.cacertfile = /tls/ca.crt
ssl_options.certfile = /tls/tls.crt
ssl_options.keyfile = /tls/tls.key
ssl_options.verify = verify_none
management.ssl.port = 15671
management.ssl.cacertfile = /tls/ca.crt
management.ssl.certfile = /tls/tls.crt
management.ssl.keyfile = /tls/tls.key
vm_memory_high_watermark.absolute = 300MiB
log.console = true
`;

const redisConf = `port 0
tls-port 6379
tls-cert-file /tls/tls.crt
tls-key-file /tls/tls.key
tls-ca-cert-file /tls/ca.crt
tls-auth-clients no
requirepass "${password}"
appendonly yes
dir /data
maxmemory 100mb
maxmemory-policy noeviction
`;

interface Server {
  name: string;
  image: string;
  ports: readonly number[];
  command?: readonly string[];
  mounts: readonly { mountPath: string; name: string; subPath?: string }[];
  memory: string;
}

const securityContext = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
  seccompProfile: { type: 'RuntimeDefault' },
  runAsNonRoot: true,
  runAsUser: 999,
  runAsGroup: 999,
};

const podOf = ({ name, image, ports, command, mounts, memory }: Server) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, labels: { app: name } },
  spec: {
    securityContext: { fsGroup: 999 },
    containers: [
      {
        name,
        image,
        imagePullPolicy: 'IfNotPresent',
        ...(command === undefined ? {} : { command }),
        env: [{ name: 'RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS', value: '+S 1:1' }],
        securityContext,
        resources: { requests: { cpu: '50m', memory }, limits: { memory: '512Mi' } },
        readinessProbe: { tcpSocket: { port: ports[0] }, periodSeconds: 2 },
        volumeMounts: [{ name: 'tls', mountPath: '/tls' }, ...mounts],
      },
    ],
    volumes: [
      { name: 'tls', secret: { secretName: 'tls' } },
      { name: 'conf', secret: { secretName: 'conf' } },
      { name: 'data', emptyDir: {} },
    ],
  },
});

const serviceOf = ({ name, ports }: Server) => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name },
  spec: { selector: { app: name }, ports: ports.map((port) => ({ name: `port-${port}`, port })) },
});

const servers: readonly Server[] = [
  {
    name: 'broker',
    image: 'rabbitmq:4-management',
    ports: [5_671, 15_671],
    mounts: [
      { name: 'conf', mountPath: '/etc/rabbitmq/conf.d/50-outside.conf', subPath: 'rabbitmq.conf' },
      { name: 'data', mountPath: '/var/lib/rabbitmq' },
    ],
    memory: '128Mi',
  },
  {
    name: 'store',
    image: 'redis:8',
    ports: [6_379],
    command: ['redis-server', '/conf/redis.conf'],
    mounts: [
      { name: 'conf', mountPath: '/conf' },
      { name: 'data', mountPath: '/data' },
    ],
    memory: '32Mi',
  },
];

const secret = (name: string, stringData: Readonly<Record<string, string>>) => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name },
  stringData,
});

export interface OutsideServices {
  /** Objects for the release's namespace: the URLs and the authority. */
  objects: readonly object[];
  /** What the chart is told. */
  values: readonly string[];
  remove: () => Promise<void>;
}

export const startOutsideServices = async (): Promise<OutsideServices> => {
  const kubectl = await prepareNamespace(servicesNamespace);
  const hosts = servers.map(({ name }) => host(name));
  const { authority, certificate, key } = await makeCertificates(hosts);
  await kubectl.apply(
    secret('tls', { 'ca.crt': authority, 'tls.crt': certificate, 'tls.key': key }),
    secret('conf', { 'rabbitmq.conf': rabbitmqConf, 'redis.conf': redisConf }),
    ...servers.flatMap((server) => [podOf(server), serviceOf(server)]),
  );
  await waitUntil(async () => (await kubectl.list(podSchema, 'pods')).every(isReady), {
    timeoutMs: 150_000,
    pollMs: 1_000,
    what: 'the outside services are ready',
  });
  return {
    objects: [
      secret('outside', {
        'amqp-url': `amqps://outside:${encoded}@${host('broker')}:5671`,
        'management-url': `https://outside:${encoded}@${host('broker')}:15671`,
        'redis-url': `rediss://:${encoded}@${host('store')}:6379`,
        'ca.crt': authority,
      }),
    ],
    values: [
      'rabbitmq.enabled=false',
      'externalRabbitmq.existingSecret=outside',
      'externalRabbitmq.ports.management=15671',
      'redis.enabled=false',
      'externalRedis.existingSecret=outside',
      'caBundle.secret=outside',
    ].flatMap((value) => ['--set', value]),
    remove: async () => {
      await kubectl.run(['delete', 'namespace', servicesNamespace, '--wait=false']);
    },
  };
};
