using System.Reflection;
using KeyPortal.Api.Description;
using KeyPortal.Audit;
using KeyPortal.Primitives;
using KeyPortal.Tests.Support;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Routing;

namespace KeyPortal.Tests.Authority;

/// <summary>Everything that acts for somebody, and the row of the role × act table it stands under.</summary>
internal sealed record AuthorityRow(string Name, Act? Act, string? Because)
{
    public bool IsKnown => Act is not null || !string.IsNullOrEmpty(Because);
}

internal static class AuthorityRows
{
    /// <summary>Every public method of a public or internal class that takes the actor first: what pages and endpoints call.</summary>
    public static IReadOnlyList<(MethodInfo Method, AuthorityRow Row)> Commands { get; } =
    [
        .. from type in typeof(Actor).Assembly.GetTypes()
           where type.Namespace?.StartsWith("KeyPortal", StringComparison.Ordinal) == true && type != typeof(PermissionGate)
           from method in type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly)
           where TakesActor(method) && typeof(Task).IsAssignableFrom(method.ReturnType)
           orderby type.Name, method.Name
           select (method, Of($"{type.Name}.{method.Name}{Overload(method)}", method)),
    ];

    /// <summary>What tells a method from others of its name; empty for most.</summary>
    private static string Overload(MethodInfo method) =>
        method.DeclaringType!.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly).Count(m => m.Name == method.Name && TakesActor(m)) == 1 ? ""
        : $"({string.Join(", ", method.GetParameters().Select(p => p.Name).Where(name => name != "cancellationToken"))})";

    private static bool TakesActor(MethodInfo method) => method.GetParameters() is [{ ParameterType: var first }, ..] && first == typeof(Actor);

    public static IReadOnlyList<(Type Page, AuthorityRow Row)> Pages { get; } =
    [
        .. from type in typeof(Actor).Assembly.GetTypes()
           from route in type.GetCustomAttributes<RouteAttribute>()
           orderby route.Template
           select (type, Of(route.Template, type)),
    ];

    /// <summary>Every other route: the API, the forms outside pages, the watchers. Not the files, nor the framework's own circuit.</summary>
    public static IReadOnlyList<(RouteEndpoint Endpoint, AuthorityRow Row)> Endpoints(Portal portal) =>
    [
        .. from endpoint in portal.Get<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
           let path = "/" + endpoint.RoutePattern.RawText!.TrimStart('/')
           where endpoint.Metadata.GetMetadata<Microsoft.AspNetCore.Components.Endpoints.ComponentTypeMetadata>() is null
               && endpoint.Metadata.GetMetadata<Microsoft.AspNetCore.StaticAssets.StaticAssetDescriptor>() is null
               && !path.StartsWith("/_", StringComparison.Ordinal)
               && !path.EndsWith(":file}", StringComparison.Ordinal)
           let methods = string.Join(',', endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["any"])
           orderby path, methods
           select (endpoint, Of($"{methods} {path}", endpoint)),
    ];

    private static AuthorityRow Of(string name, MemberInfo member) =>
        new(name, member.GetCustomAttribute<NeedsAttribute>()?.Act, member.GetCustomAttribute<NeedsNothingAttribute>()?.Because);

    private static AuthorityRow Of(string name, RouteEndpoint endpoint) =>
        endpoint.Metadata.GetMetadata<ApiOperation>() is { } operation
            ? new(name, operation.Act, operation.NeedsNoActBecause)
            : new(name, endpoint.Metadata.GetMetadata<NeedsAttribute>()?.Act, endpoint.Metadata.GetMetadata<NeedsNothingAttribute>()?.Because);
}
