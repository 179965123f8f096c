import { createRegistry, type DescFile, type DescService, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { FileDescriptorProtoSchema } from '@bufbuild/protobuf/wkt';
import { Code, type ServiceImpl } from '@connectrpc/connect';
import { quoteForMessage } from '../../http/quote.ts';
import { file_google_rpc_error_details } from '../../proto/gen/google/rpc/error_details_pb.ts';
import type {
  ServerReflection,
  ServerReflectionRequest,
  ServerReflectionResponseSchema,
} from '../../proto/gen/grpc/reflection/v1/reflection_pb.ts';

type Question = ServerReflectionRequest['messageRequest'];
type Answer = NonNullable<MessageInitShape<typeof ServerReflectionResponseSchema>['messageResponse']>;

/** Answers one reflection request. v1 and v1alpha differ only in their package name. */
type Reflection = (question: Question) => Answer;

/** Creates reflection for the given services, their files, and the error details. */
export function createReflection(services: readonly DescService[]): Reflection {
  const files = new Map<string, DescFile>();
  for (const file of [...services.map((service) => service.file), file_google_rpc_error_details]) {
    addWithImports(files, file);
  }
  const registry = createRegistry(...files.values());

  const bySymbol = (symbol: string): DescFile | undefined => {
    const named = registry.get(symbol);
    if (named !== undefined) return named.file;
    // Methods, fields and enum values are not in the registry; their parents are.
    const holder = registry.get(symbol.slice(0, symbol.lastIndexOf('.')));
    const member = symbol.slice(symbol.lastIndexOf('.') + 1);
    return holder !== undefined && memberNames(holder).includes(member) ? holder.file : undefined;
  };

  return (question) => {
    switch (question.case) {
      case 'listServices':
        return {
          case: 'listServicesResponse',
          value: { service: services.map(({ typeName }) => ({ name: typeName })).sort(byName) },
        };
      case 'fileByFilename':
        return filesAnswer(files.get(question.value), question.value);
      case 'fileContainingSymbol':
        return filesAnswer(bySymbol(question.value), question.value);
      case 'fileContainingExtension': {
        const { containingType, extensionNumber } = question.value;
        const message = registry.getMessage(containingType);
        const extension = message && registry.getExtensionFor(message, extensionNumber);
        return filesAnswer(extension?.file, `${containingType} extension ${extensionNumber}`);
      }
      case 'allExtensionNumbersOfType': {
        if (registry.getMessage(question.value) === undefined) return notFound(question.value);
        const extensionNumber: number[] = [];
        for (const type of registry) {
          if (type.kind === 'extension' && type.extendee.typeName === question.value) extensionNumber.push(type.number);
        }
        return { case: 'allExtensionNumbersResponse', value: { baseTypeName: question.value, extensionNumber } };
      }
      default:
        return errorAnswer(Code.InvalidArgument, 'The request has no message_request');
    }
  };
}

/** The service implementation; v1alpha's differs only in the names of its types. */
export function reflectionService(reflection: Reflection): ServiceImpl<typeof ServerReflection> {
  return {
    async *serverReflectionInfo(requests) {
      for await (const { host, messageRequest } of requests) {
        yield {
          validHost: host,
          originalRequest: { host, messageRequest },
          messageResponse: reflection(messageRequest),
        };
      }
    },
  };
}

function memberNames(type: NonNullable<ReturnType<ReturnType<typeof createRegistry>['get']>>): string[] {
  switch (type.kind) {
    case 'service':
      return type.methods.map(({ name }) => name);
    case 'message':
      return [...type.fields.map(({ name }) => name), ...type.oneofs.map(({ name }) => name)];
    case 'enum':
      return type.values.map(({ name }) => name);
    default:
      return [];
  }
}

function addWithImports(files: Map<string, DescFile>, file: DescFile): void {
  files.set(file.proto.name, file);
  for (const imported of file.dependencies) addWithImports(files, imported);
}

/** The file and everything it imports, so that a client need not ask again. */
function filesAnswer(file: DescFile | undefined, asked: string): Answer {
  if (file === undefined) return notFound(asked);
  const needed = new Map<string, DescFile>();
  addWithImports(needed, file);
  const fileDescriptorProto = [...needed.values()].map(({ proto }) => toBinary(FileDescriptorProtoSchema, proto));
  return { case: 'fileDescriptorResponse', value: { fileDescriptorProto } };
}

function notFound(asked: string): Answer {
  return errorAnswer(Code.NotFound, `Unknown symbol or file ${quoteForMessage(asked)}`);
}

function errorAnswer(errorCode: Code, errorMessage: string): Answer {
  return { case: 'errorResponse', value: { errorCode, errorMessage } };
}

function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name < b.name ? -1 : 1;
}
