using KeyPortal.Access;
using KeyPortal.Access.Pages;
using KeyPortal.Api;
using KeyPortal.Audit;
using KeyPortal.Cli;
using KeyPortal.Components;
using KeyPortal.Keys;
using KeyPortal.Keys.Pages;
using KeyPortal.Limits;
using KeyPortal.Mail;
using KeyPortal.Offboarding;
using KeyPortal.Operations;
using KeyPortal.Organizations;
using KeyPortal.Organizations.Pages;
using KeyPortal.Overview.Pages;
using KeyPortal.Setup;
using KeyPortal.Storage;
using KeyPortal.Usage;
using KeyPortal.Validation;

return await CommandLine.RunAsync(args, new Composition(
    builder =>
    {
        builder.AddStorage();
        builder.AddMail();
        builder.AddAudit();
        builder.AddOrganizations();
        builder.AddAccess();
        builder.AddLimits();
        builder.AddKeys();
        builder.AddUsage();
        builder.AddValidation();
        builder.AddOffboarding();
        builder.AddSetup();
        builder.AddOperations();
        builder.AddComponents();
        builder.AddAccessPages();
        builder.AddOverview();
        builder.AddMemberPages();
        builder.AddKeyPages();
        builder.AddApi();
    },
    app =>
    {
        app.UseApi();
        app.UsePageDefences();
        app.UseComponents();
        app.UseAccess();
        app.MapApi();
        app.MapSession();
        app.MapPasskeys();
        app.MapComponents();
    }));
