#include "app/operator_patch/patch.h"

#include <array>

#include "app/operator_patch/notes.h"
#include "app/operator_patch/tree.h"
#include "codec/yaml/emit.h"
#include "codec/yaml/parse.h"
#include "core/base/try.h"

namespace promfleet::operator_patch {

namespace {

// A demotion waits so long for each of the leader's queues, and the lease leaves it 15s - 10s - 1s.
constexpr std::string_view kFlushFlag = "storage.remote.flush-deadline";
constexpr std::string_view kFlushDeadline = "2s";

// What the API server adds to an object, and what kubectl notes of it. Applied later it would be refused: by then the
// cluster's object has another version.
constexpr std::array<std::string_view, 5> kMetadataOfTheServer = {"creationTimestamp", "generation", "managedFields",
                                                                  "resourceVersion", "uid"};
constexpr std::string_view kNoteOfKubectl = "kubectl.kubernetes.io/last-applied-configuration";

const std::string& name_of(yaml::Node& node) {
  return find(std::get<yaml::Mapping>(node.value), "name")->scalar()->text;
}

// Over the containers of the same names; what ours do not speak of stays, such as resources.
Result<> add_containers(yaml::Mapping& spec, std::vector<yaml::Node> containers) {
  TRY_ASSIGN(yaml::Sequence* const items, sequence_in(spec, "initContainers"));
  for (yaml::Node& container : containers) {
    TRY_ASSIGN(yaml::Mapping* const item, item_of(*items, "name", name_of(container)));
    set_all(*item, std::move(container));
  }
  return {};
}

// In the place of the volumes of the same names: one volume cannot have two sources.
Result<> add_volumes(yaml::Mapping& spec, std::vector<yaml::Node> volumes) {
  TRY_ASSIGN(yaml::Sequence* const items, sequence_in(spec, "volumes"));
  for (yaml::Node& volume : volumes) {
    TRY_ASSIGN(yaml::Mapping* const item, item_of(*items, "name", name_of(volume)));
    *item = std::get<yaml::Mapping>(std::move(volume.value));
  }
  return {};
}

// Prometheus reads our volume where the operator has put its own.
Result<> give_volume_to_prometheus(yaml::Mapping& spec) {
  TRY_ASSIGN(yaml::Sequence* const containers, sequence_in(spec, "containers"));
  TRY_ASSIGN(yaml::Mapping* const prometheus, item_of(*containers, "name", "prometheus"));
  TRY_ASSIGN(yaml::Sequence* const mounts, sequence_in(*prometheus, "volumeMounts"));
  TRY_ASSIGN(yaml::Mapping* const mount, item_of(*mounts, "mountPath", kOutputFolder));
  set(*mount, "name", text(std::string(kOutputVolume)));
  return {};
}

Result<> limit_flush(yaml::Mapping& spec) {
  TRY_ASSIGN(yaml::Sequence* const arguments, sequence_in(spec, "additionalArgs"));
  TRY_ASSIGN(yaml::Mapping* const argument, item_of(*arguments, "name", kFlushFlag));
  if (find(*argument, "value") == nullptr) set(*argument, "value", text(std::string(kFlushDeadline)));
  return {};
}

void remove_what_is_the_clusters(yaml::Mapping& object, yaml::Mapping& metadata) {
  remove(object, "status");
  for (const std::string_view key : kMetadataOfTheServer) remove(metadata, key);
  yaml::Node* const annotations = find(metadata, "annotations");
  yaml::Mapping* const notes = annotations == nullptr ? nullptr : std::get_if<yaml::Mapping>(&annotations->value);
  if (notes == nullptr || find(*notes, kNoteOfKubectl) == nullptr) return;
  remove(*notes, kNoteOfKubectl);
  if (notes->empty()) remove(metadata, "annotations");
}

Result<> patch_object(yaml::Node& root, const Object& object, const Options& options) {
  yaml::Mapping& mapping = std::get<yaml::Mapping>(root.value);
  TRY_ASSIGN(yaml::Mapping* const metadata, mapping_in(mapping, "metadata"));
  remove_what_is_the_clusters(mapping, *metadata);
  set(*metadata, "namespace", text(object.namespace_name));
  TRY_ASSIGN(yaml::Mapping* const spec, mapping_in(mapping, "spec"));
  TRY(give_volume_to_prometheus(*spec));
  TRY(add_containers(*spec, init_containers(object, options)));
  TRY(add_volumes(*spec, volumes(object, options)));
  TRY(limit_flush(*spec));
  if (is_replica_label_to_be_cleared(object)) set(*spec, "replicaExternalLabelName", text(""));
  return {};
}

}  // namespace

Result<Patched> patch(std::string_view text, const Options& options) {
  TRY_ASSIGN(yaml::Node root, yaml::parse(text));
  TRY_ASSIGN(const Object object, read_object(root, options.namespace_name));
  TRY(check(object, options));
  TRY(patch_object(root, object, options));
  Patched patched{.text = yaml::emit(root), .notes = notes(object, options)};
  for (const yaml::Node& document : documents(object, options)) patched.text += "---\n" + yaml::emit(document);
  if (options.leader_config_secret.empty()) patched.text += secret_to_be_created(object, options);
  return patched;
}

}  // namespace promfleet::operator_patch
